"""Make KV hold what is committed: compare, write what is missing, the manifest last.

KV has no compare-and-set, so every write begins by reading the manifest that is there. Publishing a change, repairing a
lost or overtaken manifest, and confirming one that is right are the same work and differ in what there is to write.
"""

import asyncio
import logging
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import msgspec

from flaghoist.errors import SnapshotCorrupt
from flaghoist.snapshot.manifest import Manifest, decode_manifest, encode_manifest, manifest_key, shard_key
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
    """What KV holds, what the database has committed, and whether the database knows that to be published."""

    found: Manifest | None
    state: EnvironmentState
    target: Manifest
    is_marked: bool

    def is_fresh(self, fresh_ms: int) -> bool:
        """Say whether KV holds the target, confirmed within ``fresh_ms`` of now."""
        if self.found is None:
            return False
        confirmed = msgspec.structs.replace(self.found, confirmed_at_ms=self.target.confirmed_at_ms)
        return confirmed == self.target and abs(self.target.confirmed_at_ms - self.found.confirmed_at_ms) < fresh_ms


class SnapshotWriter:
    """Writes one environment's snapshot into KV; all methods are called with the environment's lease held."""

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
        """Make KV hold the committed snapshot; raise KvAhead, LeaseHeld, KvUnavailable or another Unavailable.

        A manifest that is right and was confirmed less than ``fresh_ms`` ago is left alone. ``verifies_shards`` lists
        the shards in KV, rather than trust the manifest there, and writes those that are absent.
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
        """Raise the epoch above KV's, if KV is ahead, and write everything that KV lacks; ``author`` wants it so."""
        found = await self._found()
        record = (await self._environments.refresh(self.environment)).record
        if found is not None and await self._is_ahead(found, record):
            await self._store.raise_epoch(self.environment, found.epoch + 1, author)
        return await self.write_snapshot(verifies_shards=True)

    async def collect_garbage(self) -> None:
        """Delete what no manifest has named for a day."""
        state = self._environments.get(self.environment)
        now_ms = self._clock.now_ms()
        gone = await collect_garbage(self._store, self._kv, self.environment, now_ms, _hashes(state.manifest(now_ms)))
        if gone:
            LOG.info("deleted %d shards of %s that no manifest has named for a day", len(gone), self.environment)

    async def _compare(self) -> _Comparison:
        # KV first: what the database knows afterwards is then at least as new as whatever was published from it.
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
            LOG.warning("the manifest of %s in KV is written anew: %s", self.environment, error)
            return None

    async def _present(self, comparison: _Comparison, verifies_shards: bool) -> AbstractSet[str]:
        """Return the shards that need no writing: those that KV's manifest names and, if that is verified, KV lists."""
        named = _hashes(comparison.found)
        if not verifies_shards:
            return named
        keys = await self._kv.keys(shard_key(self.environment, ""))
        return {name for name in named if shard_key(self.environment, name) in keys}

    async def _write_missing(self, comparison: _Comparison, present: AbstractSet[str]) -> PublishReport:
        blobs = comparison.state.packing.packed.blobs
        shards = {shard_key(self.environment, name): blob for name, blob in blobs.items() if name not in present}
        # What the outgoing manifest names is in use until now, and the day after which it is garbage begins.
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
        """Write the manifest within a time that is shorter than the lease, whatever the client's own deadline."""
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
