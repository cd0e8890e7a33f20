"""Environments and what belongs to them: keys, publication, events."""
