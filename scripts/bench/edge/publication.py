"""A flag set in the form of KV, packed in this process, so that the edge can be measured without an origin."""

import base64
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Self

import httpx
import msgspec

from flaghoist.model.flags import FlagSet
from flaghoist.snapshot.manifest import KeyKind, KeyRef, Manifest, manifest_values, shard_values
from flaghoist.snapshot.pack import Packing, pack
from flaghoist.snapshot.sealing import Sealer
from flaghoist_cli.local.edge_runtime import LocalEdge
from flaghoist_cli.terminal.failure import CommandFailed

ENVIRONMENT = "production"
SECRET = "the secret of the benchmark"
CLIENT_KEY = f"fh_client_{ENVIRONMENT}_{'c' * 43}"
SERVER_KEY = f"fh_server_{ENVIRONMENT}_{'s' * 43}"
_KEYS: Mapping[KeyKind, str] = {"client": CLIENT_KEY, "server": SERVER_KEY}
QUIET: Mapping[str, str] = {"FLAGHOIST_LOG_LEVEL": "error"}
"""For measured origins: log lines for each request would fill a pipe that nobody reads."""
_TIMEOUT_SECONDS = 60.0


class Publication(msgspec.Struct, frozen=True):
    """One version of a flag set, packed."""

    packing: Packing
    version: int = 1

    @classmethod
    def of(cls, flagset: FlagSet) -> Self:
        """Pack a flag set as its first version."""
        return cls(pack(flagset, _sealer()))

    def followed_by(self, flagset: FlagSet) -> "Publication":
        """Return the next version; only changes are packed again."""
        return Publication(pack(flagset, _sealer(), self.packing), self.version + 1)

    def values(self) -> dict[str, bytes]:
        """Return all values for KV, the manifest last and confirmed just now."""
        return {**shard_values(ENVIRONMENT, self.packing.packed.blobs), **self.manifest()}

    def manifest(self) -> dict[str, bytes]:
        """Return the manifest for KV, confirmed just now."""
        now_ms = int(time.time() * 1000)
        packed = self.packing.packed
        refs = tuple(KeyRef(kind, sha256(text.encode()).hexdigest()) for kind, text in _KEYS.items())
        made = Manifest(
            format=packed.format,
            environment=ENVIRONMENT,
            epoch=1,
            version=self.version,
            committed_at_ms=now_ms,
            confirmed_at_ms=now_ms,
            shards=packed.shards,
            attributes=packed.attributes,
            keys=refs,
        )
        return manifest_values(made)

    def changed_values(self, before: "Publication") -> dict[str, bytes]:
        """Return the values that KV needs after ``before``."""
        known = before.packing.packed.blobs
        blobs = self.packing.packed.blobs
        changed = shard_values(ENVIRONMENT, {each: blob for each, blob in blobs.items() if each not in known})
        return {**changed, **self.manifest()}


def write(edge: LocalEdge, values: Mapping[str, bytes]) -> None:
    """Put values into a local edge's KV in order, through its API."""
    url = f"{edge.kv_base_url}/accounts/{edge.account}/storage/kv/namespaces/{edge.namespace}/bulk"
    with httpx.Client(trust_env=False, timeout=_TIMEOUT_SECONDS) as client:
        answered = client.put(url, json=list(pairs(values)), headers={"Authorization": f"Bearer {edge.token}"})
    if answered.is_error:
        raise CommandFailed(f"the local KV refuses the flags: {answered.text}")


def pairs(values: Mapping[str, bytes]) -> Iterator[dict[str, object]]:
    """Yield values in the form of the KV API's bulk write."""
    for key, value in values.items():
        yield {"key": key, "value": base64.b64encode(value).decode(), "base64": True}


def _sealer() -> Sealer:
    return Sealer(SECRET.encode(), ENVIRONMENT)
