"""The snapshots that an isolate caches: how old they may be, and how they are loaded."""
