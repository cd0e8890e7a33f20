"""Change streams: the log that they replay from, the hub that carries each version to every client, the dialects."""
