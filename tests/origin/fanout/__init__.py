"""Fan-out between origins."""
