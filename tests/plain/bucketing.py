"""The draw: which of 100,000 buckets a unit falls into, and which variation owns that bucket."""

import hashlib
from typing import Any


def bucket(salt: str, key: str, unit: str) -> int:
    """Return the unit's bucket, 0 to 99,999, in the flag or group named ``key``."""
    digest = hashlib.sha256((salt + "." + key + "." + unit).encode("utf-8")).digest()
    number = 0
    for byte in digest[:8]:
        number = number * 256 + byte
    return number % 100000


def owner(weights: list[dict[str, Any]], drawn: int) -> str:
    """Return the variation that owns the bucket: in listed order each owns its next ``weight`` buckets."""
    start = 0
    for entry in weights:
        end = start + entry["weight"]
        if start <= drawn < end:
            return str(entry["variation"])
        start = end
    raise ValueError(f"bucket {drawn} has no owner: the weights sum to {start}, not to 100000")
