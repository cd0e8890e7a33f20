"""What the SDK serves from: memory, the file on disk, the bootstrap, and its status."""
