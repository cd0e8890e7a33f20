"""Flaghoist inside a Python process: what does I/O for the pure rooms, and never runs in the Worker."""
