"""Routes about the service itself: health, metrics, description."""
