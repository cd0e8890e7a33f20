"""Connections, rounds, and the figures that come of them."""
