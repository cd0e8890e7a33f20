"""Bring KV to the committed state: compare, write missing values, the manifest last.

KV has no compare-and-set, so every write begins with a read of the manifest. Publishing a change, repairing a lost or
outdated manifest, and confirming a correct one are the same operation; they differ only in what must be written.
"""

import asyncio
import logging
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import msgspec

from flaghoist.errors import SnapshotCorrupt
from flaghoist.snapshot.manifest import (
    Manifest,
    decode_manifest,
    encode_manifest,
    manifest_key,
    shard_key,
    shard_prefix,
    shard_values,
)
from flaghoist_origin.kv.answers import LATER, KvUnavailable
from flaghoist_origin.kv.batches import batches
from flaghoist_origin.kv.client import KvClient
from flaghoist_origin.publishing.garbage import collect_garbage
from flaghoist_origin.publishing.lease import Lease
from flaghoist_origin.publishing.recovery import KvAhead, is_ahead
from flaghoist_origin.publishing.state import PublishReport
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.serving.environment_state import EnvironmentState
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.storage.database.records import SYSTEM, Author, EnvironmentRecord
from flaghoist_origin.storage.store import Store

LOG = logging.getLogger("flaghoist.publisher")


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The content of KV, the committed state, and whether the database knows that to be published."""

    found: Manifest | None
    state: EnvironmentState
    target: Manifest
    is_marked: bool

    def is_fresh(self, fresh_ms: int) -> bool:
        """Return whether KV has the target, confirmed within ``fresh_ms`` of now."""
        if self.found is None:
            return False
        confirmed = msgspec.structs.replace(self.found, confirmed_at_ms=self.target.confirmed_at_ms)
        return confirmed == self.target and abs(self.target.confirmed_at_ms - self.found.confirmed_at_ms) < fresh_ms


class SnapshotWriter:
    """Writes one environment's snapshot to KV; call all methods holding the environment's lease."""

    def __init__(
        self,
        environment: str,
        *,
        store: Store,
        environments: Environments,
        kv: KvClient,
        lease: Lease,
        clock: Clock,
        write_timeout_seconds: float,
    ) -> None:
        self.environment = environment
        self._store, self._environments, self._kv = store, environments, kv
        self._lease, self._clock = lease, clock
        self._write_timeout_seconds = write_timeout_seconds

    async def write_snapshot(self, *, fresh_ms: int = 0, verifies_shards: bool = False) -> PublishReport:
        """Bring KV to the committed snapshot; raise KvAhead, LeaseHeld, KvUnavailable or another Unavailable.

        A correct manifest that was confirmed less than ``fresh_ms`` ago is left alone. ``verifies_shards`` lists the
        shards in KV instead of trusting its manifest, and writes the missing ones.
        """
        comparison = await self._compare()
        if comparison.found is not None and comparison.is_fresh(fresh_ms):
            report = self._report(comparison, {}, comparison.found)
        else:
            report = await self._write_missing(comparison, await self._present(comparison, verifies_shards))
        if not comparison.is_marked:
            version = report.version
            await self._store.mark_published(self.environment, version.epoch, version.version, self._clock.now_ms())
        return report

    async def recover(self, author: Author = SYSTEM) -> PublishReport:
        """Raise the epoch above KV's if KV is ahead, and write everything that KV lacks, on behalf of ``author``."""
        found = await self._found()
        record = (await self._environments.refresh(self.environment)).record
        if found is not None and await self._is_ahead(found, record):
            await self._store.raise_epoch(self.environment, found.epoch + 1, author)
        return await self.write_snapshot(verifies_shards=True)

    async def collect_garbage(self) -> None:
        """Delete the values that no manifest has named for a day."""
        state = self._environments.get(self.environment)
        now_ms = self._clock.now_ms()
        gone = await collect_garbage(self._store, self._kv, self.environment, now_ms, _hashes(state.manifest(now_ms)))
        if gone:
            LOG.info("deleted %d shards of %s that no manifest has named for a day", len(gone), self.environment)

    async def _compare(self) -> _Comparison:
        # KV first: the database, read afterwards, is then at least as new as anything published from it.
        found = await self._found()
        state = await self._environments.refresh(self.environment)
        record = state.record
        if found is not None and await self._is_ahead(found, record):
            raise KvAhead.of(found, record)
        is_marked = await self._store.published(self.environment) == record.snapshot_version
        return _Comparison(found, state, state.manifest(self._clock.now_ms()), is_marked)

    async def _is_ahead(self, found: Manifest, record: EnvironmentRecord) -> bool:
        pending = await self._store.pending(self.environment)
        return is_ahead(found, record, await self._store.published(self.environment), pending)

    async def _found(self) -> Manifest | None:
        data = await self._kv.get(manifest_key(self.environment))
        if data is None:
            return None
        try:
            return decode_manifest(data)
        except SnapshotCorrupt as error:
            LOG.warning("writing the manifest of %s in KV again: %s", self.environment, error)
            return None

    async def _present(self, comparison: _Comparison, verifies_shards: bool) -> AbstractSet[str]:
        """Return the shards that need no writing: those in KV's manifest that, if verified, are also listed in KV."""
        named = _hashes(comparison.found)
        if not verifies_shards:
            return named
        keys = await self._kv.keys(shard_prefix(self.environment))
        return {name for name in named if shard_key(self.environment, name) in keys}

    async def _write_missing(self, comparison: _Comparison, present: AbstractSet[str]) -> PublishReport:
        blobs = comparison.state.packing.packed.blobs
        shards = shard_values(self.environment, {name: blob for name, blob in blobs.items() if name not in present})
        # The shards of the old manifest are in use until now; they become garbage a day from now.
        named = _hashes(comparison.target) | _hashes(comparison.found)
        await self._store.name_shards(self.environment, named, self._clock.now_ms())
        for batch in batches(shards):
            await self._lease.renew(self.environment)
            await self._kv.put_many(batch)
        await self._lease.renew(self.environment)
        manifest = comparison.state.manifest(self._clock.now_ms())
        data = encode_manifest(manifest)
        await self._put_manifest(data)
        return self._report(comparison, {**shards, manifest_key(self.environment): data}, manifest)

    async def _put_manifest(self, data: bytes) -> None:
        """Write the manifest within a time shorter than the lease, whatever the client's own deadline."""
        try:
            with self._lease.guard_write(self.environment):
                async with asyncio.timeout(self._write_timeout_seconds):
                    await self._kv.put(manifest_key(self.environment), data)
        except TimeoutError as error:
            span = f"{self._write_timeout_seconds:g} s"
            raise KvUnavailable(f"writing the manifest of {self.environment} took over {span}; {LATER}") from error

    def _report(self, comparison: _Comparison, written: Mapping[str, bytes], in_force: Manifest) -> PublishReport:
        return PublishReport(
            environment=self.environment,
            version=in_force.snapshot_version,
            keys=tuple(written),
            bytes=sum(map(len, written.values())),
            shards=len(in_force.shards),
            confirmed_at_ms=in_force.confirmed_at_ms,
            was=comparison.found.snapshot_version if comparison.found else None,
        )


def _hashes(manifest: Manifest | None) -> frozenset[str]:
    return frozenset(shard.hash for shard in manifest.shards) if manifest else frozenset()
