"""Two sides held against each other: files, origin, KV, edges."""
