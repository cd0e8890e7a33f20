"""The snapshot in a process's memory, and how changes are applied to it."""
