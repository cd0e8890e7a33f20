"""The stored form of an environment: shards, their manifest, and the sealing of user identifiers."""
