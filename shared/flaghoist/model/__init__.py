"""The flag model: documents that people write, contexts, versions, keys, and the draw of a bucket."""
