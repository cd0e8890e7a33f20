"""Search a sealed run in its bytes: a set of the entries would take several times their memory."""

from collections.abc import Callable

from flaghoist.snapshot.sealing import SEALED_BYTES

LARGEST_SCAN = 512
"""Up to this many entries, a linear search is as fast as bisection."""

Membership = Callable[[bytes], bool]


def membership(run: bytes) -> Membership:
    """Return a function that tells whether a sealed identifier is in ``run`` (sorted entries of 8 bytes)."""
    if len(run) <= LARGEST_SCAN * SEALED_BYTES:
        return lambda sealed: _scan(run, sealed)
    return lambda sealed: _bisect(run, sealed)


def _scan(run: bytes, sealed: bytes) -> bool:
    """Search for the entry; a match that overlaps two neighbours does not count."""
    found = run.find(sealed)
    while found % SEALED_BYTES and found > 0:
        found = run.find(sealed, found + 1)
    return found >= 0


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
