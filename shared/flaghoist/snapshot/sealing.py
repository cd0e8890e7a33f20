"""Keyed hashes in place of user identifiers in KV, so that a reader of KV learns no identifier.

A sealed identifier is the first 8 bytes of an HMAC-SHA-256 under a secret that only the Worker and the origin have.
Each environment has its own key, so equal units of two environments look different. With 500,000 entries the chance
that another unit matches one of them is below 2**-45.

A list of sealed identifiers is one run of bytes: entries of 8 bytes, sorted, each once. It is searched in its bytes: a
set of the entries would take several times their memory.
"""

import hmac
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TypeVar

SEALED_BYTES = 8

LARGEST_SCAN = 512
"""Up to this many entries, a linear search is as fast as bisection."""

Scalar = bool | int | float | str
Membership = Callable[[bytes], bool]

T = TypeVar("T")

_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Sealer:
    """Seals units and scalars of one environment under ``secret``."""

    def __init__(self, secret: bytes, environment: str) -> None:
        key = hmac.digest(secret, b"flaghoist units of " + environment.encode(), sha256)
        padded = key.ljust(sha256().block_size, b"\0")
        self._inner = sha256(padded.translate(_INNER))
        self._outer = sha256(padded.translate(_OUTER))

    def unit(self, unit: str) -> bytes:
        """Return the 8 bytes that replace ``unit`` in target and segment lists."""
        return self._seal(b"unit." + unit.encode())

    def scalar(self, value: Scalar) -> bytes:
        """Return the 8 bytes that replace ``value`` in an ``in`` clause; JSON-equal values have equal seals."""
        return self._seal(_canonical(value))

    def _seal(self, message: bytes) -> bytes:
        """Return the HMAC, computed from the two states that depend on the key alone: Pyodide's `hmac` is slow."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()[:SEALED_BYTES]


def _canonical(value: Scalar) -> bytes:
    if isinstance(value, str):
        return b"text." + value.encode()
    if isinstance(value, bool):
        return b"truth.%d" % value
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    return b"number." + repr(number).encode()


def event_sealer(secret: bytes, environment: str) -> Sealer:
    """Return the sealer for units of reported events; its seals differ from those of lists in KV."""
    return Sealer(secret, f"events of {environment}")


def seal_run(values: Iterable[T], seal: Callable[[T], bytes]) -> bytes:
    """Return the sealed values, each once, sorted, as one run of bytes."""
    return b"".join(sorted({seal(value) for value in values}))


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
