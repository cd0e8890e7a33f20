"""Fan-out: other origins read a commit at once, and not only at their next poll."""
