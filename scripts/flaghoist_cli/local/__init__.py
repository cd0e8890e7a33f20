"""The local stack: the edge in workerd, the origin, and their processes."""
