"""Reported events at the origin: taken in and stored once, pruned when old; its own look-ups among them."""
