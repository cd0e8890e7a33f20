"""Draws by ``mix``, many at once: each has 64 bits in a few long integers, so one operation serves all of them.

`bucketing.mix` defines the computation. A product of two 32-bit numbers fits into 64 bits, so draws never
overlap.
"""

from collections.abc import Sequence
from typing import Literal

from flaghoist.model.bucketing import BUCKETS, HALF, HALF_BITS, Words, factors_of
from flaghoist.snapshot.wire import WireServe
from flaghoist.steps import Steps

Column = Sequence[bytes]
"""What is fixed for one draw, 64 bits each: two factors, and for each bound but the last the distance to a carry."""

_LANE_BYTES = 8
_CARRY = HALF_BITS // 8
"""The byte that holds the carry of the sum of two 32-bit numbers."""

_ORDER: Literal["little"] = "little"


def column_of(serve: WireServe) -> Column:
    """Return the column of a draw."""
    missing = [HALF + 1 - threshold(bound) for bound in serve.bounds[:-1]]
    return [number.to_bytes(_LANE_BYTES, _ORDER) for number in (*factors_of(serve.prefix), *missing)]


class Mixed:
    """Draws by ``mix`` that are computed together, needed or not. Made by `mixed_steps`.

    ``order`` gives the numbers of the draws in the order of `choices`: by how many choices they have.
    """

    def __init__(self, order: Sequence[int], groups: Sequence["MixedSum"]) -> None:
        self.order = order
        self._groups = groups

    def choices(self, words: Words) -> bytes:
        """Return the choice of every draw, in their `order`, for a unit's words."""
        return b"".join([group.choices(words) for group in self._groups])


def mixed_steps(columns: Sequence[Column]) -> Steps[Mixed]:
    """Return the draws of these columns."""
    by_size: dict[int, list[int]] = {}
    for number, column in enumerate(columns):
        by_size.setdefault(len(column), []).append(number)
    groups = []
    for numbers in by_size.values():
        groups.append((yield from together_steps([columns[number] for number in numbers])))
    return Mixed([number for numbers in by_size.values() for number in numbers], groups)


class MixedSum:
    """What is fixed for draws with equally many choices. Made by `together_steps`.

    Of each draw: two factors, and for each bound but the last the distance to a carry.
    """

    def __init__(self, first: int, second: int, missing: Sequence[int], size: int) -> None:
        self._first = first
        self._second = second
        self._missing = missing
        self._size = size
        self._halves = _repeated(HALF, size)
        self._carries = _repeated(HALF + 1, size)

    def choices(self, words: Words) -> bytes:
        """Return the choice of each draw: how many of its bounds are at or below the unit's number."""
        numbers = self._numbers(words)
        passed = 0
        for missing in self._missing:
            passed += (numbers + missing) & self._carries
        return passed.to_bytes(self._size * _LANE_BYTES, _ORDER)[_CARRY::_LANE_BYTES]

    def _numbers(self, words: Words) -> int:
        joined = self._first * words[0] ^ self._second * words[1]
        product = ((joined >> HALF_BITS ^ joined) & self._halves) * words[2]
        return (product >> HALF_BITS ^ product) & self._halves


def together_steps(columns: Sequence[Column]) -> Steps[MixedSum]:
    """Return draws with equally many choices, packed in their order."""
    numbers = []
    for lanes in zip(*columns, strict=True):
        numbers.append(int.from_bytes(b"".join(lanes), _ORDER))
        yield len(columns) // _LANE_BYTES
    first, second, *missing = numbers
    return MixedSum(first, second, missing, len(columns))


def _repeated(number: int, size: int) -> int:
    return int.from_bytes(number.to_bytes(_LANE_BYTES, _ORDER) * size, _ORDER)


def threshold(bound: int) -> int:
    """Return the lowest 32-bit number whose bucket is ``bound`` or above."""
    return -(-(bound << HALF_BITS) // BUCKETS)
