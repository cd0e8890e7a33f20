"""The origin's HTTP face."""
