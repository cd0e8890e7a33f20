"""The snapshot that a process holds in memory, and how changes are applied to it."""
