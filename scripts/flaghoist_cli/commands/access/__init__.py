"""Commands about access: keys, signed contexts, environments."""
