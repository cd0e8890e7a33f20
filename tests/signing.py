"""Keys and tokens of signed contexts, good and tampered with, for every test that needs some."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from flaghoist.snapshot.manifest import SigningKeyRef
from flaghoist.text import base64url
from flaghoist_cli.files.signed_contexts import PrivateKey, read_jwk
from flaghoist_origin.keys.signatures import new_key_pair, verify
from tests.published import NOW_MS

__all__ = ["at_once", "verify"]

T = TypeVar("T")
NOW = NOW_MS // 1000
ADA: Mapping[str, object] = {"targetingKey": "ada", "plan": "pro"}


@dataclass(frozen=True)
class Signer:
    """A backend with its private key; ``ref`` is what a manifest holds of it."""

    key: PrivateKey
    ref: SigningKeyRef

    def token(self, context: object = ADA, header: Mapping[str, object] | None = None, **claims: object) -> str:
        """Return a token of a context; ``header`` and ``claims`` replace what it says otherwise, None leaves out."""
        said = {"alg": "EdDSA", "kid": self.key.id, **(header or {})}
        claimed = {"exp": NOW + 600, "context": context, **claims}
        return self.signed(msgspec.json.encode(_given(said)), msgspec.json.encode(_given(claimed)))

    def signed(self, header: bytes, payload: bytes) -> str:
        """Return whatever this is as a signed token."""
        message = f"{base64url.encode(header)}.{base64url.encode(payload)}"
        return f"{message}.{base64url.encode(self.key.sign(message.encode()))}"


def a_signer(key_id: str = "5161bb0c9d0a7f3e", expires_at_ms: int | None = None) -> Signer:
    """Return a backend with a new key."""
    pair = new_key_pair()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": pair.public, "d": pair.private, "kid": key_id}
    return Signer(read_jwk(jwk), SigningKeyRef(key_id, pair.public, expires_at_ms))


def _given(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine comes to that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("it waits for something")
