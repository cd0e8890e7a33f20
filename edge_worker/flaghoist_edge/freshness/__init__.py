"""What an isolate holds in memory, how old it may be, and how it is loaded."""
