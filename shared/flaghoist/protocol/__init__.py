"""The HTTP protocol as data: requests, paths, headers, keys, freshness, problems, events."""
