"""Ed25519 at the origin: creates key pairs and verifies signatures."""

from functools import lru_cache
from typing import Literal

import msgspec
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from flaghoist.text import base64url

CURVE: Literal["Ed25519"] = "Ed25519"
KEY_TYPE = "OKP"
_KEPT_KEYS = 64
_ED25519 = JWSRegistry.algorithms[CURVE]


class KeyPair(msgspec.Struct, frozen=True):
    """A new key pair: the public and the private half in base64url, as in a JWK, and the private one as PEM."""

    public: str
    private: str
    private_pem: str


def new_key_pair() -> KeyPair:
    """Return a new random key pair."""
    key = OKPKey.generate_key(CURVE, private=True)
    members = key.as_dict(private=True)
    return KeyPair(str(members["x"]), str(members["d"]), key.as_pem(private=True).decode())


async def verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether Ed25519 made the signature (64 bytes) of the message with the key (32 bytes)."""
    return bool(_ED25519.verify(message, signature, _imported(public_key)))


@lru_cache(_KEPT_KEYS)
def _imported(public_key: bytes) -> OKPKey:
    return OKPKey.import_key({"kty": KEY_TYPE, "crv": CURVE, "x": base64url.encode(public_key)})
