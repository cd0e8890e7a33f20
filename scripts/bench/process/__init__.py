"""Measurements inside a Python process."""
