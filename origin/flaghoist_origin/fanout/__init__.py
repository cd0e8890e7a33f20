"""Fan-out: what one origin has committed is looked at by the others at once, rather than at their next poll."""
