"""Signed contexts: the token, the claims in it, and the public keys of an environment."""
