"""Connections, rounds, and the resulting figures."""
