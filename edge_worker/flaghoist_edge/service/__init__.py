"""Entry for every request to the Worker: routing, health, events."""
