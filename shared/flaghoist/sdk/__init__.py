"""Flaghoist inside a Python process: I/O around the pure packages; never runs in the Worker."""
