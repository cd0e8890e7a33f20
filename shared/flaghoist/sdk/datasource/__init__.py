"""The source of the SDK's snapshot: the origin's stream, else polling."""
