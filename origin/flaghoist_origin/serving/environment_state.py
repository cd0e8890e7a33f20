"""One committed state of an environment: never changed, only replaced as a whole, so that nobody sees half a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from flaghoist.snapshot.manifest import KeyRef, Manifest, SigningKeyRef
from flaghoist_origin.settings.stream_places import Places
from flaghoist_origin.storage.database.records import EnvironmentRecord, KeyRecord

if TYPE_CHECKING:  # who reads a state needs nothing of what compiles it
    from flaghoist.answers.serving_snapshot import ServingSnapshot
    from flaghoist.engine.load import LoadedSnapshot
    from flaghoist.snapshot.pack import Packing


@dataclass(frozen=True)
class CompiledFlagSet:
    """A flag set in its published form (``packing``) and in the form that is evaluated here (``loaded``)."""

    packing: Packing
    loaded: LoadedSnapshot


@dataclass(frozen=True)
class EnvironmentState:
    """One committed state of an environment, ready to be published and to answer; ``serving`` answers evaluations."""

    record: EnvironmentRecord
    compiled: CompiledFlagSet
    serving: ServingSnapshot
    ttl_seconds: int
    places: Places

    @property
    def packing(self) -> Packing:
        """Return the data that the publisher writes to KV."""
        return self.compiled.packing

    @cached_property
    def key_ids(self) -> Mapping[str, str]:
        """Return the id of each key, revoked ones included, by its hash."""
        return {key.hash: key.id for key in self.record.keys}

    def manifest(self, now_ms: int) -> Manifest:
        """Return the manifest of this state, confirmed at ``now_ms``, without expired keys."""
        return build_manifest(self.record, self.compiled.packing, now_ms, self.ttl_seconds, self.places.advertised)


def build_manifest(
    record: EnvironmentRecord, packing: Packing, now_ms: int, ttl_seconds: int, streams: dict[str, str]
) -> Manifest:
    """Return the manifest of ``record``, packed as ``packing``, with the URLs of ``streams`` by region."""
    return Manifest(
        format=packing.packed.format,
        environment=record.name,
        epoch=record.epoch,
        version=record.version,
        committed_at_ms=record.committed_at_ms,
        confirmed_at_ms=now_ms,
        shards=packing.packed.shards,
        attributes=packing.packed.attributes,
        keys=tuple(ref for key in record.keys if key.is_valid(now_ms) and (ref := _key_ref(key))),
        signing_keys=tuple(
            SigningKeyRef(key.id, key.public_key, key.expires_at_ms)
            for key in record.signing_keys
            if key.is_valid(now_ms)
        ),
        requires_signed_context=record.requires_signed_contexts,
        ttl_seconds=ttl_seconds,
        streams=streams,
    )


def _key_ref(key: KeyRecord) -> KeyRef | None:
    return None if key.kind == "admin" else KeyRef(key.kind, key.hash, key.expires_at_ms)
