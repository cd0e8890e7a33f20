"""Membership in a sealed run: a set where it is small, bisection in the bytes where a set would cost memory."""

from collections.abc import Callable

from shared.sealing import SEALED_BYTES

LARGEST_SET = 2_048

Membership = Callable[[bytes], bool]


def membership(run: bytes) -> Membership:
    """Return the test whether a sealed identifier is in ``run`` (sorted entries of 8 bytes)."""
    if len(run) <= LARGEST_SET * SEALED_BYTES:
        entries = frozenset(run[start : start + SEALED_BYTES] for start in range(0, len(run), SEALED_BYTES))
        return entries.__contains__
    return lambda sealed: _bisect(run, sealed)


def _bisect(run: bytes, sealed: bytes) -> bool:
    low, high = 0, len(run) // SEALED_BYTES
    while low < high:
        middle = (low + high) // 2
        start = middle * SEALED_BYTES
        if run[start : start + SEALED_BYTES] < sealed:
            low = middle + 1
        else:
            high = middle
    return run[low * SEALED_BYTES : (low + 1) * SEALED_BYTES] == sealed
