"""The manifest: the one mutable KV value of an environment; it names everything else."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Literal

import msgspec

from flaghoist.errors import SnapshotCorrupt, SnapshotFormatError
from flaghoist.model.flags import SnapshotVersion

FORMAT = 2
"""The newest format that this reader knows."""

FIRST_FORMAT = 1

MIX_FORMAT = 2
"""Used only if a rollout draws by ``mix``: a reader of format 1 would misread it."""

ShardKind = Literal["flags", "segments"]
KeyKind = Literal["client", "server"]


class ShardRef(msgspec.Struct, frozen=True):
    """One shard: SHA-256 of its bytes in hex, its kind of content, number of entries, and size in bytes."""

    hash: str
    kind: ShardKind
    count: int
    size: int


class KeyRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key that may evaluate: SHA-256 of its whole text in hex; ``expires_at_ms`` is set while it is rotated out."""

    kind: KeyKind
    hash: str
    expires_at_ms: int | None = None


class SigningKeyRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key that signs contexts: its id (``kid``) and its Ed25519 public half, base64url, as in a JWK's ``x``.

    ``expires_at_ms`` is set while it is rotated out.
    """

    id: str
    key: str
    expires_at_ms: int | None = None


class Manifest(msgspec.Struct, frozen=True):
    """The state of an environment; times are milliseconds since the Unix epoch, by the origin's clock.

    ``attributes`` are the context attributes that any flag reads, sorted. ``streams`` maps a region to its stream URL.
    ``signing_keys`` verify signed contexts. Unknown members are ignored.
    """

    format: int
    environment: str
    epoch: int
    version: int
    committed_at_ms: int
    confirmed_at_ms: int
    shards: tuple[ShardRef, ...]
    attributes: tuple[str, ...]
    keys: tuple[KeyRef, ...]
    streams: dict[str, str] = {}
    signing_keys: tuple[SigningKeyRef, ...] = ()
    requires_signed_context: bool = False
    ttl_seconds: int = 30

    @property
    def snapshot_version(self) -> SnapshotVersion:
        """Epoch and version, which order manifests."""
        return SnapshotVersion(self.epoch, self.version)


class _Header(msgspec.Struct):
    format: int


_decode_header = msgspec.json.Decoder(_Header).decode
_decode = msgspec.json.Decoder(Manifest).decode


def manifest_key(environment: str) -> str:
    """Return the KV key of an environment's manifest."""
    return f"m:{environment}"


def shard_prefix(environment: str) -> str:
    """Return what the KV keys of all shards of an environment begin with."""
    return f"s:{environment}:"


def shard_key(environment: str, shard_hash: str) -> str:
    """Return the KV key of a shard."""
    return shard_prefix(environment) + shard_hash


def manifest_values(manifest: Manifest) -> dict[str, bytes]:
    """Return the manifest as KV holds it: its bytes by its key."""
    return {manifest_key(manifest.environment): encode_manifest(manifest)}


def shard_values(environment: str, blobs: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return shards, given by hash, as KV holds them: their bytes by their keys."""
    return {shard_key(environment, shard_hash): blob for shard_hash, blob in blobs.items()}


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the manifest's JSON."""
    return msgspec.json.encode(manifest)


def decode_manifest(data: bytes) -> Manifest:
    """Return the manifest; raise SnapshotFormatError if a newer Flaghoist wrote it, else SnapshotCorrupt."""
    try:
        written = _decode_header(data).format
        if written > FORMAT:
            raise SnapshotFormatError(
                f"snapshot format {written} is newer than this reader knows ({FORMAT}): deploy the newer Worker first"
            )
        return _decode(data)
    except msgspec.MsgspecError as error:
        raise SnapshotCorrupt(
            f"the manifest cannot be read ({error}): run `flaghoist publish` to write it again"
        ) from error


def verify_shard(shard_hash: str, data: bytes) -> None:
    """Raise SnapshotCorrupt unless ``data`` is what ``shard_hash`` names."""
    if sha256(data).hexdigest() != shard_hash:
        raise SnapshotCorrupt(f"shard {shard_hash[:12]}… does not match its hash: fetch it from the origin")
