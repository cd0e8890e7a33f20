"""A cache of verified tokens, so that a visitor's next request needs no signature check."""

import msgspec

from flaghoist.bounded_cache import BoundedCache
from flaghoist.signed.claims import VerifiedContext
from flaghoist.signed.keyring import SigningKey, SigningKeyring

KEPT_BYTES = 1024 * 1024
"""Bytes of token text. The contexts take about four times as much; small beside an isolate's 128 MB."""


class _Entry(msgspec.Struct, frozen=True):
    key_id: str
    key: SigningKey
    verified: VerifiedContext


class VerifiedContextCache:
    """Verified contexts by token; an entry is valid as long as its token and its signing key are."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._kept: BoundedCache[str, _Entry] = BoundedCache(most_bytes, _size)

    def __len__(self) -> int:
        return len(self._kept)

    def find_verified(self, token: str, keyring: SigningKeyring, now_ms: int) -> VerifiedContext | None:
        """Return the verified context of a token, None if the token must be verified (again)."""
        entry = self._kept.get(token)
        if entry is None or entry.verified.expires_at_ms <= now_ms:
            return None
        key = keyring.get(entry.key_id)
        is_valid = key is not None and key.public == entry.key.public and key.is_valid(now_ms)
        return entry.verified if is_valid else None

    def keep_verified(self, token: str, key_id: str, key: SigningKey, verified: VerifiedContext) -> None:
        """Cache the context of a token that ``key`` has verified; the oldest entries are evicted first."""
        self._kept.keep(token, _Entry(key_id, key, verified))


def _size(token: str, _entry: _Entry) -> int:
    return len(token)
