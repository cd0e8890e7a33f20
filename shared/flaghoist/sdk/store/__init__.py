"""The SDK's stored state: memory, the file on disk, the bootstrap, and its status."""
