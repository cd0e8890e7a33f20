"""What travels over HTTP: requests, paths, headers, keys, freshness, problems, events."""
