"""What the process gives: the clock, background tasks, back-off and shutdown."""
