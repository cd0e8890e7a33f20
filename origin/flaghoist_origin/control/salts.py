"""Salts of flags and groups: who has another salt draws its users anew."""

import secrets

SALT_BYTES = 8


def new_salt() -> str:
    """Return 64 random bits in hex."""
    return secrets.token_hex(SALT_BYTES)
