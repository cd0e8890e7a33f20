"""Routes with which people and tools change flags."""
