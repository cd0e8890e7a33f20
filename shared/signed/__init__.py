"""Signed contexts: what an app's backend vouches for, as a JWT; read here, verified by whoever holds the crypto."""
