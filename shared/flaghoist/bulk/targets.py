"""Individual targets, inverted: for a sealed unit, the places and outcomes of the targets that name it."""

import sys
from collections.abc import Iterator, Sequence

from flaghoist.model.outcome import Outcome
from flaghoist.snapshot.sealing import SEALED_BYTES, Membership, membership

LARGEST_INDEXED = 2_048
"""Longer runs are searched one by one: an index would take several times their memory."""


class TargetIndex:
    """The targets of the flags of one slice, by number; ``places`` are the flags' places within the slice."""

    __slots__ = ("_by_unit", "_long", "outcomes", "places")

    def __init__(self) -> None:
        self.places: list[int] = []
        self.outcomes: list[Outcome] = []
        self._by_unit: dict[int, tuple[int, ...]] = {}
        self._long: list[tuple[Membership, int]] = []

    def add_target(self, run: bytes, place: int, outcome: Outcome) -> None:
        """Add one target of the flag at ``place``: a sealed run and its outcome; the runs of a flag share no unit."""
        number = len(self.places)
        self.places.append(place)
        self.outcomes.append(outcome)
        if len(run) > LARGEST_INDEXED * SEALED_BYTES:
            self._long.append((membership(run), number))
            return
        known = self._by_unit
        added: dict[int, tuple[int, ...]] = dict.fromkeys(memoryview(run).cast("Q").tolist(), (number,))
        for unit in known.keys() & added.keys():
            added[unit] = (*known[unit], number)
        known.update(added)

    def numbers(self, unit: int, sealed: bytes) -> Sequence[int]:
        """Return the numbers of the targets that name a sealed unit, given as its bytes and as one machine word."""
        found = self._by_unit.get(unit, ())
        if self._long:
            return [*found, *(number for listed, number in self._long if listed(sealed))]
        return found


class Targets:
    """The targets of all slices of a plan."""

    def __init__(self) -> None:
        self._parts: list[tuple[TargetIndex, list[int]]] = []

    def __bool__(self) -> bool:
        return bool(self._parts)

    def add_slice(self, index: TargetIndex, places: list[int]) -> None:
        """Add the targets of a slice; ``places`` are the places of its flags in the plan, by target."""
        self._parts.append((index, places))

    def patches(self, sealed: bytes) -> Iterator[tuple[int, Outcome]]:
        """Return the places that change for a sealed unit, each with its outcome."""
        unit = int.from_bytes(sealed, sys.byteorder)
        for index, places in self._parts:
            for number in index.numbers(unit, sealed):
                yield places[number], index.outcomes[number]
