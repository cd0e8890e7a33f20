"""What the SDK needs of its process: options, threads, forks and waiting."""
