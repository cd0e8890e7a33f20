"""What edge and origin answer to an evaluation request: the same bytes, free of any HTTP framework."""
