"""A cache of verified tokens, so that a visitor's next request needs no signature check."""

import msgspec

from flaghoist.signed.claims import VerifiedContext
from flaghoist.signed.keyring import SigningKey, SigningKeyring

KEPT_BYTES = 1024 * 1024
"""Bytes of token text. The contexts take about four times as much; small beside an isolate's 128 MB."""

OVERHEAD_BYTES = 256
"""What an entry takes beside its token."""


class _Entry(msgspec.Struct, frozen=True):
    key_id: str
    key: SigningKey
    vouched: VerifiedContext


class VerifiedContextCache:
    """Verified contexts by token; an entry is valid as long as its token and its signing key are."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[str, _Entry] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, token: str, keyring: SigningKeyring, now_ms: int) -> VerifiedContext | None:
        """Return the verified context of a token, None if the token must be verified (again)."""
        entry = self._kept.get(token)
        if entry is None or entry.vouched.expires_at_ms <= now_ms:
            return None
        key = keyring.get(entry.key_id)
        is_valid = key is not None and key.public == entry.key.public and key.is_valid(now_ms)
        return entry.vouched if is_valid else None

    def keep(self, token: str, key_id: str, key: SigningKey, vouched: VerifiedContext) -> None:
        """Cache the context of a token that ``key`` has verified; the oldest entries are evicted first."""
        if token in self._kept:
            self._forget(token)
        self._kept[token] = _Entry(key_id, key, vouched)
        self._bytes += len(token) + OVERHEAD_BYTES
        while self._bytes > self._most_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, token: str) -> None:
        del self._kept[token]
        self._bytes -= len(token) + OVERHEAD_BYTES
