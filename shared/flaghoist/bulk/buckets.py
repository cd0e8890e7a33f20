"""The buckets of many hashes at once: numbers are packed into one large integer, 64 bits each, the first one highest.

An operation on all of them costs little more than one on a few. The bits above bit 38, then those above bit 26, are
replaced by their remainder, which leaves less than 28 bits. The division by the number of buckets is a product with the
reciprocal, of which only the fraction counts: with 46 bits, comparing fractions gives the same result as comparing
buckets.
"""

import sys
from array import array
from collections.abc import Sequence

from flaghoist.model.bucketing import BUCKETS

_WORDS_PER_HASH = 4
_BITS, _BYTES = 64, 8
_HIGH, _MIDDLE, _FRACTION = 38, 26, 46
_HIGH_LOSS = (1 << _HIGH) - (1 << _HIGH) % BUCKETS
_MIDDLE_LOSS = (1 << _MIDDLE) - (1 << _MIDDLE) % BUCKETS
_RECIPROCAL = (1 << _FRACTION) // BUCKETS + 1
_SELECTOR, _SELECTOR_BIT = 1, 48
"""The byte that holds bits 48 to 55 of a number: adding a bound to a fraction makes it zero or not."""


def numbers_of(digests: bytes) -> "array[int]":
    """Return the first 8 bytes of each SHA-256 as a number."""
    numbers = array("Q", digests)[::_WORDS_PER_HASH]
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def bound(bucket: int, *, is_below: bool) -> bytes:
    """Return a bound for `Buckets`: it selects the buckets below ``bucket`` if ``is_below``, else all others."""
    bit = _SELECTOR_BIT + 8 if is_below else _SELECTOR_BIT
    return ((1 << bit) - bucket * _RECIPROCAL).to_bytes(_BYTES, "big")


class Buckets:
    """Compares the buckets of a row of digests with a bound each."""

    def __init__(self, bounds: Sequence[bytes]) -> None:
        ones = int.from_bytes((1).to_bytes(_BYTES, "big") * len(bounds), "big")
        self._high = ones * ((1 << _BITS - _HIGH) - 1)
        self._middle = ones * ((1 << _HIGH + 2 - _MIDDLE) - 1)
        self._fraction = ones * ((1 << _FRACTION) - 1)
        self._bounds = int.from_bytes(b"".join(bounds), "big")
        self._size = _BYTES * len(bounds)

    def select(self, digests: bytes) -> bytes:
        """Return one byte per digest; it is not zero if its bound selects the digest."""
        left = int.from_bytes(array("Q", digests)[::_WORDS_PER_HASH].tobytes(), "big")
        left -= (left >> _HIGH & self._high) * _HIGH_LOSS
        left -= (left >> _MIDDLE & self._middle) * _MIDDLE_LOSS
        left = (left * _RECIPROCAL & self._fraction) + self._bounds
        return left.to_bytes(self._size, "big")[_SELECTOR::_BYTES]
