"""The public keys of an environment, by the id that tokens name."""

from collections.abc import Iterable, Mapping

import msgspec

from flaghoist.errors import ContextRefused, UnknownSigningKey
from flaghoist.snapshot.manifest import SigningKeyRef
from flaghoist.text import base64url

PUBLIC_KEY_BYTES = 32


class SigningKey(msgspec.Struct, frozen=True):
    """An Ed25519 public key, 32 bytes; ``expires_at_ms`` is set while it is rotated out."""

    public: bytes
    expires_at_ms: int | None = None

    def is_valid(self, now_ms: int) -> bool:
        """Return whether its signatures are valid at this time."""
        return self.expires_at_ms is None or now_ms < self.expires_at_ms


SigningKeyring = Mapping[str, SigningKey]


def a_signing_keyring(refs: Iterable[SigningKeyRef]) -> SigningKeyring:
    """Return the keys by id; malformed public keys are left out."""
    decoded = ((ref, base64url.decode(ref.key)) for ref in refs)
    return {
        ref.id: SigningKey(public, ref.expires_at_ms)
        for ref, public in decoded
        if public is not None and len(public) == PUBLIC_KEY_BYTES
    }


def find_signing_key(keyring: SigningKeyring, key_id: str, now_ms: int) -> SigningKey:
    """Return the key that a token names; raise UnknownSigningKey, or ContextRefused for an expired one."""
    found = keyring.get(key_id)
    if found is None:
        raise UnknownSigningKey(
            f"the signed context names the signing key {key_id[:64]!r}, which this environment does not have:"
            " it is unknown, was revoked, or is of another environment"
        )
    if not found.is_valid(now_ms):
        raise ContextRefused("the signed context was signed with a key that has expired: sign with its successor")
    return found
