"""A published snapshot for tests: manifest and shards as they lie in KV, and the same loaded and held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from flaghoist.answers.serving_snapshot import ServingSnapshot, prepare
from flaghoist.engine.load import load
from flaghoist.model.flags import Flag, FlagSet, Group, Segment
from flaghoist.snapshot.manifest import KeyRef, Manifest, manifest_values, shard_values
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import Sealer
from tests.builders import FlagBuilder, SegmentBuilder, a_flag, a_flagset

ENVIRONMENT = "production"
SECRET = b"the secret of the tests"
NOW_MS = 1_800_000_000_000

CLIENT_KEY = f"fh_client_{ENVIRONMENT}_{'c' * 43}"
SERVER_KEY = f"fh_server_{ENVIRONMENT}_{'s' * 43}"
UNKNOWN_KEY = f"fh_client_{ENVIRONMENT}_{'u' * 43}"
ADMIN_KEY = f"fh_admin_{ENVIRONMENT}_{'a' * 43}"


@dataclass(frozen=True)
class Published:
    """One version of an environment."""

    manifest: Manifest
    blobs: Mapping[str, bytes]

    def values(self) -> dict[str, bytes]:
        """Return what KV holds: the manifest and its shards, by key."""
        return {**manifest_values(self.manifest), **shard_values(ENVIRONMENT, self.blobs)}

    def held(self) -> ServingSnapshot:
        """Return the snapshot loaded and ready to answer."""
        return prepare(self.manifest, load(self.manifest.shards, self.blobs, Sealer(SECRET, ENVIRONMENT)))

    def but(self, **members: object) -> Published:
        """Return it with other members of the manifest."""
        return Published(msgspec.structs.replace(self.manifest, **members), self.blobs)


def a_key_ref(kind: str, key: str, expires_at_ms: int | None = None) -> KeyRef:
    """Return the manifest's reference to a key."""
    return msgspec.convert(
        {"kind": kind, "hash": sha256(key.encode()).hexdigest(), "expires_at_ms": expires_at_ms}, KeyRef
    )


def published(
    *parts: FlagBuilder | SegmentBuilder | Flag | Segment | Group,
    version: int = 1,
    epoch: int = 1,
    committed_at_ms: int = NOW_MS,
    confirmed_at_ms: int = NOW_MS,
) -> Published:
    """Return a snapshot of these flags, segments and groups with one client and one server key."""
    flagset: FlagSet = a_flagset(*parts)
    packed = pack(flagset, Sealer(SECRET, ENVIRONMENT)).packed
    keys = (a_key_ref("client", CLIENT_KEY), a_key_ref("server", SERVER_KEY))
    times = (committed_at_ms, confirmed_at_ms)
    manifest = Manifest(packed.format, ENVIRONMENT, epoch, version, *times, packed.shards, packed.attributes, keys)
    return Published(manifest, packed.blobs)


def a_version(version: int, **members: int) -> Published:
    """Return a snapshot whose one flag ``release`` says which version it is."""
    release = a_flag("release").client_visible().variations("now", now=f"v{version}").on()
    return published(release, version=version, **members)
