"""Routes that people and tools change flags with."""
