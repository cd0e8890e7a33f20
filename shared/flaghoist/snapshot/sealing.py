"""Keyed hashes in place of user identifiers in KV, so that a reader of KV learns no identifier.

A sealed identifier is the first 8 bytes of an HMAC-SHA-256 under a secret that only the Worker and the origin have.
Each environment has its own key, so equal units of two environments look different. With 500,000 entries the chance
that another unit matches one of them is below 2**-45.
"""

import hmac
from hashlib import sha256

from flaghoist.model.flags import Scalar

SEALED_BYTES = 8

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


def edge_token(secret: bytes) -> str:
    """Return the token by which a Worker that has ``secret`` authenticates itself to the origin."""
    return hmac.digest(secret, b"flaghoist edge token", sha256).hex()
