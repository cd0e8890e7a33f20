"""The origin: owns the flags, publishes every change, and answers requests that the edge cannot answer."""
