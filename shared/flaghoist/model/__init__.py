"""What flags are made of: the documents that people write, contexts, versions, keys, and the draw of a bucket."""
