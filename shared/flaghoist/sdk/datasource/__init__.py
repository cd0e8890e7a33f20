"""Where the SDK's snapshot comes from: the origin's stream, else polling."""
