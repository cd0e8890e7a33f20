"""Change streams: the log for replays, the hub that passes each version to every client, and the dialects."""
