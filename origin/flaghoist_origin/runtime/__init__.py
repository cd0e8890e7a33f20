"""Runtime of the process: the clock, background tasks, back-off and shutdown."""
