"""API keys and signing keys: issue, look-up, roles, use."""
