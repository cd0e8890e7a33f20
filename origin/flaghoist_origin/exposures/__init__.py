"""Reported events at the origin: accepted and stored once, pruned when old; its own single-flag answers too."""
