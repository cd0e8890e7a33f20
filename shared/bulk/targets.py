"""Individual targets the other way round: a sealed unit, and where it puts which outcome."""

from collections.abc import Iterator

from shared.engine.outcome import Outcome
from shared.engine.runs import LARGEST_SET, Membership, membership
from shared.sealing import SEALED_BYTES

Patch = tuple[int, Outcome]
"""A flag's place, and what it gives instead."""


class Targets:
    """The targets of many flags, by place."""

    def __init__(self) -> None:
        self._by_unit: dict[bytes, list[Patch]] = {}
        self._long: list[tuple[Membership, Patch]] = []

    def __bool__(self) -> bool:
        return bool(self._by_unit or self._long)

    def add(self, run: bytes, place: int, outcome: Outcome) -> None:
        """Add one target of the flag at ``place``: a sealed run, and its outcome; runs of a flag share no unit."""
        patch = (place, outcome)
        if len(run) > LARGEST_SET * SEALED_BYTES:
            self._long.append((membership(run), patch))
            return
        by_unit = self._by_unit
        for start in range(0, len(run), SEALED_BYTES):
            by_unit.setdefault(run[start : start + SEALED_BYTES], []).append(patch)

    def patches(self, sealed: bytes) -> Iterator[Patch]:
        """Return the places that change for a sealed unit."""
        yield from self._by_unit.get(sealed, ())
        yield from (patch for listed, patch in self._long if listed(sealed))
