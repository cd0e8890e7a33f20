"""Every request that reaches the Worker: routing, health, events."""
