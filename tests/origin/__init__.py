"""Tests of the origin: its API through ASGI, over a database file of their own."""
