"""The draw: which of 100,000 buckets a unit falls into, and which variation owns that bucket."""

import hashlib
from collections.abc import Callable
from typing import Any


def bucket(salt: str, key: str, unit: str) -> int:
    """Return the unit's bucket, 0 to 99,999, in the flag or group named ``key``."""
    digest = hashlib.sha256((salt + "." + key + "." + unit).encode("utf-8")).digest()
    number = 0
    for byte in digest[:8]:
        number = number * 256 + byte
    return number % 100000


def mixed_bucket(salt: str, key: str, unit: str) -> int:
    """Return the unit's bucket by the algorithm "mix", step by step."""
    of_unit = hashlib.sha256(("mix." + unit).encode("utf-8")).hexdigest()
    of_draw = hashlib.sha256((salt + "." + key + ".").encode("utf-8")).hexdigest()
    one, two, three = int(of_unit[:8], 16), int(of_unit[8:16], 16), _odd(int(of_unit[16:24], 16))
    joined = (one * _odd(int(of_draw[:8], 16))) ^ (two * _odd(int(of_draw[8:16], 16)))
    number = _folded(_folded(joined) * three)
    return number * 100000 // 2**32


def _odd(number: int) -> int:
    """Make an even number the next odd one."""
    return number if number % 2 == 1 else number + 1


def _folded(number: int) -> int:
    """Join the upper and the lower half of a number of 64 bits."""
    upper, lower = divmod(number, 2**32)
    return upper ^ lower


BUCKET_BY: dict[str, Callable[[str, str, str], int]] = {"sha256": bucket, "mix": mixed_bucket}


def owner(weights: list[dict[str, Any]], drawn: int) -> str:
    """Return the variation that owns the bucket: in listed order each owns its next ``weight`` buckets."""
    start = 0
    for entry in weights:
        end = start + entry["weight"]
        if start <= drawn < end:
            return str(entry["variation"])
        start = end
    raise ValueError(f"bucket {drawn} has no owner: the weights sum to {start}, not to 100000")
