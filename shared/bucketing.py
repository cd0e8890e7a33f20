"""Assign a unit to a bucket by integer arithmetic: bit for bit the same in CPython and Pyodide."""

from hashlib import sha256

from shared.limits import BUCKETS


def draw_prefix(salt: str, key: str) -> str:
    """Return what precedes the unit in the hashed text of a flag's or a group's draw."""
    return f"{salt}.{key}."


def draw(prefix: str, unit: str) -> int:
    """Return the unit's bucket in [0, 100000) for a prefix made by `draw_prefix`."""
    digest = sha256((prefix + unit).encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def bucket(salt: str, flag_key: str, unit: str) -> int:
    """Return the unit's bucket in [0, 100000) for this salt and flag (or group) key."""
    return draw(draw_prefix(salt, flag_key), unit)
