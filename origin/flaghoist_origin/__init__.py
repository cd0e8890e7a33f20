"""The origin: owns the flags, publishes every change, and answers for the edge when the edge cannot."""
