"""Commands about who may: keys, signed contexts, environments."""
