"""The snapshot as it travels through KV: a manifest and content-addressed shards, packed at the origin."""
