"""Refresh a cache entry from KV or from an origin; a failure is recorded in it and leaves its snapshot untouched."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from flaghoist.answers.serving_snapshot import prepare
from flaghoist.engine.load import LoadedSnapshot, load_steps, missing
from flaghoist.errors import FlaghoistError, SnapshotCorrupt
from flaghoist.protocol.fences import Fence
from flaghoist.snapshot.manifest import Manifest, decode_manifest, manifest_key, shard_key, verify_shard
from flaghoist.snapshot.sealing import Sealer
from flaghoist.steps import complete, complete_gently
from flaghoist_edge.freshness.cache import CachedSnapshot
from flaghoist_edge.origins.origins import Origins
from flaghoist_edge.ports.platform import EdgeClock, Kv, Unreachable
from flaghoist_edge.ports.timing import (
    KV_DEADLINE_MS,
    LOAD_STEP_PAUSE_MS,
    MANIFEST_CACHE_SECONDS,
    SHARD_CACHE_SECONDS,
    within,
)

Sources = tuple[Callable[[str, str], Awaitable[bytes]], ...]
"""Sources for a shard of an environment, in order: first the one that its manifest came from.

KV remembers for a while that a key was missing, so it is not asked for shards that only the origin can have yet.
"""


class SnapshotLoader:
    """Reads manifests and shards into the cache; its methods record failures in the entry and never raise them."""

    def __init__(self, kv: Kv, origins: Origins, secret: bytes, clock: EdgeClock) -> None:
        self._kv = kv
        self._origins = origins
        self._secret = secret
        self._clock = clock
        self._kv_first: Sources = (self._shard_in_kv, origins.shard)
        self._origin_first: Sources = (origins.shard, self._shard_in_kv)

    async def refresh(self, environment: str, slot: CachedSnapshot) -> None:
        """Read KV; ask an origin too if KV fails or returns nothing that was confirmed recently."""
        await self.read_kv(environment, slot)
        if slot.should_ask_origin(self._clock.now_ms()):
            await self.ask_origin(environment, slot)

    async def catch_up(self, environment: str, slot: CachedSnapshot, floor: Fence, kv_patience_ms: int) -> None:
        """Read KV without its cache, then ask an origin, until the fence is met.

        The wait limit applies to KV's manifest alone: its snapshot is loaded to the end, however busy the isolate is.
        """
        await self.read_kv(environment, slot, kv_patience_ms)
        if slot.held is None or not floor.is_met_by(slot.held.manifest):
            await self.ask_origin(environment, slot)

    async def read_kv(self, environment: str, slot: CachedSnapshot, patience_ms: int = KV_DEADLINE_MS) -> None:
        """Use KV's manifest if it comes in time and is not older than the cached one."""
        try:
            data = await self._read(manifest_key(environment), MANIFEST_CACHE_SECONDS, patience_ms)
            if data is None:
                raise Unreachable(f"KV has no manifest of {environment}: publish it from the origin")
            await self._take(environment, slot, decode_manifest(data), self._kv_first)
            slot.read_at_ms = self._clock.now_ms()
            slot.kv_fault = ""
        except FlaghoistError as error:
            slot.blame_kv(error, self._clock.now_ms())

    async def ask_origin(self, environment: str, slot: CachedSnapshot) -> None:
        """Use an origin's manifest, or its confirmation that ours is the latest."""
        slot.origin_asked_at_ms = self._clock.now_ms()
        try:
            answered = await self._origins.manifest(environment, slot.etag_of_held)
            if answered.data is None:
                slot.confirmed_at_ms = max(slot.confirmed_at_ms, answered.confirmed_at_ms)
            else:
                await self._take(environment, slot, decode_manifest(answered.data), self._origin_first)
            slot.origin_etag = answered.etag
            slot.origin_fault = ""
            slot.read_at_ms = self._clock.now_ms()
        except FlaghoistError as error:
            slot.blame_origin(error)

    async def _take(self, environment: str, slot: CachedSnapshot, manifest: Manifest, sources: Sources) -> None:
        """Cache the manifest and its snapshot unless something newer is cached, before or after fetching its shards."""
        if _is_overtaken(manifest, slot):
            return
        previous = slot.loaded
        blobs = await self._fetch_shards(environment, missing(manifest.shards, previous), sources)
        if _is_overtaken(manifest, slot):
            return
        loaded = slot.loaded
        if loaded is None or not _is_all_of(manifest, loaded):
            loaded = await self._load(environment, slot, manifest, blobs, previous)
            if _is_overtaken(manifest, slot):
                return
        slot.held = prepare(manifest, loaded, slot.held)
        slot.confirmed_at_ms = max(manifest.confirmed_at_ms, slot.confirmed_at_ms)
        slot.notes = ()

    async def _load(
        self,
        environment: str,
        slot: CachedSnapshot,
        manifest: Manifest,
        blobs: Mapping[str, bytes],
        previous: LoadedSnapshot | None,
    ) -> LoadedSnapshot:
        """Load at once if nothing is cached, else step by step, so that other requests are not blocked."""
        steps = load_steps(manifest.shards, blobs, Sealer(self._secret, environment), previous)
        if slot.held is None:
            return complete(steps)
        return await complete_gently(steps, lambda: self._clock.sleep(LOAD_STEP_PAUSE_MS))

    async def _fetch_shards(self, environment: str, hashes: Sequence[str], sources: Sources) -> Mapping[str, bytes]:
        """Return verified shards.

        One read each, in parallel, and not one bulk read: Cloudflare's bulk reads return text only, and text costs 20
        to 90 ns a byte on its way into Python, bytes almost nothing. The runtime queues reads that are too many at
        once.
        """
        blobs = await asyncio.gather(*(_fetch_shard(environment, each, sources) for each in hashes))
        return dict(zip(hashes, blobs, strict=True))

    async def _shard_in_kv(self, environment: str, shard_hash: str) -> bytes:
        data = await self._read(shard_key(environment, shard_hash), SHARD_CACHE_SECONDS)
        if data is None:
            raise Unreachable(f"KV has no shard {shard_hash[:12]}…")
        return data

    async def _read(self, key: str, cache_seconds: int, patience_ms: int = KV_DEADLINE_MS) -> bytes | None:
        return await within(self._clock, patience_ms, self._kv.get(key, cache_seconds), "KV")


async def _fetch_shard(environment: str, shard_hash: str, sources: Sources) -> bytes:
    """Return a shard from the first source that has it with the right hash; raise the last source's error."""
    *earlier, last = sources
    for source in earlier:
        try:
            return _verified(shard_hash, await source(environment, shard_hash))
        except (Unreachable, SnapshotCorrupt):
            continue
    return _verified(shard_hash, await last(environment, shard_hash))


def _verified(shard_hash: str, data: bytes) -> bytes:
    verify_shard(shard_hash, data)
    return data


def _is_all_of(manifest: Manifest, loaded: LoadedSnapshot) -> bool:
    """Return whether the loaded snapshot is the manifest's; another request may have loaded it meanwhile."""
    return len(manifest.shards) == len(loaded.parts) and not missing(manifest.shards, loaded)


def _is_overtaken(manifest: Manifest, slot: CachedSnapshot) -> bool:
    """Return whether the cached manifest is newer: by version, then by confirmation, because keys may change alone."""
    if slot.held is None:
        return False
    held_version = slot.held.manifest.snapshot_version
    return (manifest.snapshot_version, manifest.confirmed_at_ms) < (held_version, slot.confirmed_at_ms)
