"""Compare two sides: files, origin, KV, edges."""
