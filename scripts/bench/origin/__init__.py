"""Measurements of origins and other servers."""
