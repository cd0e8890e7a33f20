"""Targets by unit: short lists are indexed, long ones are searched, and both find the same."""

import pytest

from flaghoist.bulk.targets import LARGEST_INDEXED, TargetIndex
from flaghoist.model.outcome import Outcome, Reason
from flaghoist.snapshot.sealing import SEALED_BYTES

OUTCOME = Outcome("release", 1, Reason.TARGETING_MATCH)


def sealed(number: int) -> bytes:
    return number.to_bytes(SEALED_BYTES, "big")


def named(index: TargetIndex, number: int) -> list[int]:
    """Return the numbers of the targets that name a unit."""
    (word,) = memoryview(sealed(number)).cast("Q")
    return list(index.numbers(word, sealed(number)))


@pytest.mark.parametrize("count", [3, LARGEST_INDEXED, LARGEST_INDEXED + 1, 2 * LARGEST_INDEXED])
def test_target__of_any_length__names_its_units_alone(count: int) -> None:
    index = TargetIndex()
    index.add_target(b"".join(map(sealed, range(0, 2 * count, 2))), 7, OUTCOME)
    index.add_target(sealed(2) + sealed(3), 8, OUTCOME)

    assert named(index, 0) == [0]
    assert sorted(named(index, 2)) == [0, 1]
    assert named(index, 3) == [1]
    assert named(index, 2 * count) == []
    assert index.places == [7, 8]
