"""Assign a unit to a bucket by integer arithmetic: bit for bit the same in CPython and Pyodide.

A rollout names its algorithm. ``sha256`` hashes salt, key and unit for every draw. ``mix`` hashes the unit once for all
draws and mixes the result with two factors of the draw; the reader of a snapshot computes these factors in advance.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256

BUCKETS = 100_000
"""A draw puts every unit into one of so many buckets; weights and ranges of groups count them."""

HALF_BITS = 32
HALF = (1 << HALF_BITS) - 1
_WORD_BYTES = HALF_BITS // 8

Words = tuple[int, int, int]
"""The two words of a unit for ``mix``: 32 bits each, the second one odd."""

Factors = tuple[int, int]
"""The two factors of a draw for ``mix``: 32 bits each, odd."""


def draw_prefix(salt: str, key: str) -> str:
    """Return the text before the unit in the hashed text of a flag's or a group's draw."""
    return f"{salt}.{key}."


def draw(prefix: str, unit: str) -> int:
    """Return the unit's bucket in [0, 100000) for a prefix made by `draw_prefix`."""
    digest = sha256((prefix + unit).encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def bucket(salt: str, flag_key: str, unit: str) -> int:
    """Return the unit's bucket in [0, 100000) for this salt and flag (or group) key."""
    return draw(draw_prefix(salt, flag_key), unit)


def words_of(unit: str) -> Words:
    """Return the words of a unit, which are the same for every draw of ``mix``."""
    first, second, third = _words(f"mix.{unit}", 3)
    return first, second, third | 1


def factors_of(prefix: str) -> Factors:
    """Return the factors of a draw of ``mix`` whose prefix `draw_prefix` made."""
    first, second = _words(prefix, 2)
    return first | 1, second | 1


def mix(factors: Factors, words: Words) -> int:
    """Return a number of 32 bits; its highest bits decide the bucket.

    Each product is split into halves, which are joined by exclusive or. So no sum or multiple of one draw's factors
    predicts another draw. `flaghoist.bulk.mixed` does the same for many draws at once.
    """
    joined = factors[0] * words[0] ^ factors[1] * words[1]
    product = (joined >> HALF_BITS ^ joined & HALF) * words[2]
    return product >> HALF_BITS ^ product & HALF


def mixed_draw(factors: Factors, words: Words) -> int:
    """Return the bucket in [0, 100000) for a unit's words and a draw's factors."""
    return mix(factors, words) * BUCKETS >> HALF_BITS


def mixed_bucket(salt: str, flag_key: str, unit: str) -> int:
    """Return the same as `bucket`, by the algorithm ``mix``."""
    return mixed_draw(factors_of(draw_prefix(salt, flag_key)), words_of(unit))


BUCKET_BY: Mapping[str, Callable[[str, str, str], int]] = {"sha256": bucket, "mix": mixed_bucket}
"""The supported algorithms: each returns a unit's bucket for salt, flag key and unit."""


def _words(text: str, count: int) -> list[int]:
    digest = sha256(text.encode()).digest()
    starts = range(0, count * _WORD_BYTES, _WORD_BYTES)
    return [int.from_bytes(digest[start : start + _WORD_BYTES], "big") for start in starts]
