"""The origin's HTTP layer."""
