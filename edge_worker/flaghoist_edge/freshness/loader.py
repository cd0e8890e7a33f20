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
from flaghoist_edge.ports.tasks import within
from flaghoist_edge.ports.timing import (
    KV_DEADLINE_MS,
    LOAD_STEP_PAUSE_MS,
    MANIFEST_CACHE_SECONDS,
    SHARD_CACHE_SECONDS,
)

Sources = tuple[Callable[[str, str], Awaitable[bytes]], ...]
"""Sources for a shard of an environment, in order: first the one that its manifest came from.

KV remembers for a while that a key was missing, so it is not asked for shards that only the origin can have yet.
"""


class SnapshotLoader:
    """Reads manifests and shards into the cache; its methods record failures in the entry and never raise them."""

    def __init__(self, *, kv: Kv, origins: Origins, secret: bytes, clock: EdgeClock) -> None:
        self._kv = kv
        self._origins = origins
        self._secret = secret
        self._clock = clock
        self._kv_first: Sources = (self._shard_in_kv, origins.shard)
        self._origin_first: Sources = (origins.shard, self._shard_in_kv)

    async def refresh(self, environment: str, cached: CachedSnapshot) -> None:
        """Read KV; ask an origin too if KV fails or returns nothing that was confirmed recently."""
        await self.read_kv(environment, cached)
        if cached.should_ask_origin(self._clock.now_ms()):
            await self.ask_origin(environment, cached)

    async def catch_up(self, environment: str, cached: CachedSnapshot, fence: Fence, kv_patience_ms: int) -> None:
        """Read KV without its cache, then ask an origin, until the fence is met.

        The wait limit applies to KV's manifest alone: its snapshot is loaded to the end, however busy the isolate is.
        """
        await self.read_kv(environment, cached, kv_patience_ms)
        if cached.snapshot is None or not fence.is_met_by(cached.snapshot.manifest):
            await self.ask_origin(environment, cached)

    async def read_kv(self, environment: str, cached: CachedSnapshot, patience_ms: int = KV_DEADLINE_MS) -> None:
        """Use KV's manifest if it comes in time and is not older than the cached one."""
        try:
            data = await self._read(manifest_key(environment), MANIFEST_CACHE_SECONDS, patience_ms)
            if data is None:
                raise Unreachable(f"KV has no manifest of {environment}: publish it from the origin")
            await self._cache_manifest(environment, cached, decode_manifest(data), self._kv_first)
            cached.read_at_ms = self._clock.now_ms()
            cached.kv_fault = ""
        except FlaghoistError as error:
            cached.record_kv_fault(error, self._clock.now_ms())

    async def ask_origin(self, environment: str, cached: CachedSnapshot) -> None:
        """Use an origin's manifest, or its confirmation that ours is the latest."""
        cached.origin_asked_at_ms = self._clock.now_ms()
        try:
            answer = await self._origins.manifest(environment, cached.manifest_etag)
            if answer.data is None:
                cached.confirmed_at_ms = max(cached.confirmed_at_ms, answer.confirmed_at_ms)
            else:
                await self._cache_manifest(environment, cached, decode_manifest(answer.data), self._origin_first)
            cached.origin_etag = answer.etag
            cached.origin_fault = ""
            cached.read_at_ms = self._clock.now_ms()
        except FlaghoistError as error:
            cached.record_origin_fault(error)

    async def _cache_manifest(
        self, environment: str, cached: CachedSnapshot, manifest: Manifest, sources: Sources
    ) -> None:
        """Cache the manifest and its snapshot unless something newer is cached, before or after fetching its shards."""
        if _is_overtaken(manifest, cached):
            return
        previous = cached.loaded
        blobs = await self._fetch_shards(environment, missing(manifest.shards, previous), sources)
        if _is_overtaken(manifest, cached):
            return
        loaded = cached.loaded
        if loaded is None or not _is_complete(manifest, loaded):
            loaded = await self._load(environment, cached, manifest, blobs, previous)
            if _is_overtaken(manifest, cached):
                return
        cached.snapshot = prepare(manifest, loaded, cached.snapshot)
        cached.confirmed_at_ms = max(manifest.confirmed_at_ms, cached.confirmed_at_ms)
        cached.notes = ()

    async def _load(
        self,
        environment: str,
        cached: CachedSnapshot,
        manifest: Manifest,
        blobs: Mapping[str, bytes],
        previous: LoadedSnapshot | None,
    ) -> LoadedSnapshot:
        """Load at once if nothing is cached, else step by step, so that other requests are not blocked."""
        steps = load_steps(manifest.shards, blobs, Sealer(self._secret, environment), previous)
        if cached.snapshot is None:
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


def _is_complete(manifest: Manifest, loaded: LoadedSnapshot) -> bool:
    """Return whether the loaded snapshot is the manifest's; another request may have loaded it meanwhile."""
    return len(manifest.shards) == len(loaded.parts) and not missing(manifest.shards, loaded)


def _is_overtaken(manifest: Manifest, cached: CachedSnapshot) -> bool:
    """Return whether the cached manifest is newer: by version, then by confirmation, because keys may change alone."""
    if cached.snapshot is None:
        return False
    held_version = cached.snapshot.manifest.snapshot_version
    return (manifest.snapshot_version, manifest.confirmed_at_ms) < (held_version, cached.confirmed_at_ms)
