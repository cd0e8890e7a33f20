"""The origin's API of signing keys as typed calls."""

import msgspec

from flaghoist_cli.client.origin_client import OriginClient, quoted


class JwkInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """An Ed25519 key as JWK; ``d`` is its private half."""

    kty: str
    crv: str
    x: str
    kid: str
    d: str = ""


class SigningKeyInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """One signing key as the origin lists it; its private half is set only in the answer that issued it."""

    id: str
    name: str
    created_at_ms: int
    public_jwk: JwkInfo
    expires_at_ms: int | None = None
    revoked_at_ms: int | None = None
    private_jwk: JwkInfo | None = None
    private_pem: str = ""


class _Page(msgspec.Struct):
    items: tuple[SigningKeyInfo, ...]


class _Policy(msgspec.Struct):
    required: bool


class SigningClient:
    """The signing keys of a client's environment."""

    def __init__(self, client: OriginClient) -> None:
        self._client = client

    def keys(self) -> tuple[SigningKeyInfo, ...]:
        """Return all signing keys, without their private halves."""
        return self._client.send_json("GET", "/signing-keys", _Page).items

    def create(self, name: str) -> SigningKeyInfo:
        """Create a key and return it with its private half."""
        return self._client.send_json("POST", "/signing-keys", SigningKeyInfo, {"name": name})

    def rotate(self, key_id: str, overlap_seconds: int) -> SigningKeyInfo:
        """Create a key's successor and return it with its private half; the old one stays valid for the overlap."""
        path = f"/signing-keys/{quoted(key_id)}/rotate"
        return self._client.send_json("POST", path, SigningKeyInfo, {"overlap_seconds": overlap_seconds})

    def revoke(self, key_id: str) -> SigningKeyInfo:
        """Revoke the key, so that everything it has signed becomes invalid; return it."""
        return self._client.send_json("DELETE", f"/signing-keys/{quoted(key_id)}", SigningKeyInfo)

    def is_required(self) -> bool:
        """Return whether client keys must send signed contexts."""
        return self._client.send_json("GET", "/signed-contexts", _Policy).required

    def require(self, is_required: bool) -> bool:
        """Set whether they must; return the new state."""
        return self._client.send_json("PUT", "/signed-contexts", _Policy, {"required": is_required}).required
