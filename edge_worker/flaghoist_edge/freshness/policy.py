"""The freshness policy: how old a cached snapshot may be, what is asked next, and how long a request waits for it."""

from collections.abc import Coroutine

from flaghoist.protocol.fences import Fence
from flaghoist_edge.freshness.cache import CachedSnapshot, SnapshotCache
from flaghoist_edge.freshness.loader import SnapshotLoader
from flaghoist_edge.ports.platform import Background, EdgeClock
from flaghoist_edge.ports.tasks import start
from flaghoist_edge.ports.timing import (
    BRIEF_PATIENCE_MS,
    FENCE_KV_PATIENCE_MS,
    FENCE_PATIENCE_MS,
    FENCE_PAUSE_MS,
    FIRST_READ_PATIENCE_MS,
    LOAD_PAUSE_MS,
    NEAR_FENCE_PAUSE_MS,
    NEVER,
    PATIENCE_MS,
    POLL_MS,
    RETRY_MS,
    REVALIDATE_MS,
    TAKE_OVER_MS,
)

BEHIND_FENCE = "behind-floor"
"""The note of an answer that is older than the caller asked for."""

_NEAR_VERSIONS = 64


class FreshnessPolicy:
    """Decides, per request, whether the cached snapshot is fresh enough, and what to wait for if not."""

    def __init__(self, *, cache: SnapshotCache, loader: SnapshotLoader, clock: EdgeClock) -> None:
        self._cache = cache
        self._loader = loader
        self._clock = clock

    async def current(self, environment: str, background: Background) -> CachedSnapshot:
        """Return the cache entry, refreshed as its age requires; it is empty if KV returned nothing in time."""
        cached = self._cache.entry(environment)
        now_ms = self._clock.now_ms()
        if cached.snapshot is None:
            await self._read_first(environment, cached, background)
        elif cached.needs_refresh(now_ms):
            cached.attempted_at_ms = now_ms
            is_young = now_ms - cached.read_at_ms <= REVALIDATE_MS
            refresh = self._loader.refresh(environment, cached)
            await self._await_briefly(refresh, BRIEF_PATIENCE_MS if is_young else PATIENCE_MS, background)
        return cached

    async def _read_first(self, environment: str, cached: CachedSnapshot, background: Background) -> None:
        """Read KV if nothing is cached.

        Requests that arrive meanwhile wait for the first one's result, unless KV has failed already. Their wait is
        bounded, because the first request may have been cancelled together with its work.
        """
        now_ms = self._clock.now_ms()
        while now_ms - cached.first_read_at_ms < TAKE_OVER_MS and cached.snapshot is None and not cached.kv_fault:
            await self._clock.sleep(POLL_MS)
            now_ms = self._clock.now_ms()
        is_settled = cached.snapshot is not None or now_ms - cached.kv_failed_at_ms < RETRY_MS
        if not is_settled and now_ms - cached.first_read_at_ms >= TAKE_OVER_MS:
            cached.first_read_at_ms = now_ms
            await self._await_briefly(self._loader.read_kv(environment, cached), FIRST_READ_PATIENCE_MS, background)
            cached.first_read_at_ms = NEVER

    async def obtain(self, environment: str, background: Background) -> CachedSnapshot:
        """Return the cache entry, loaded from an origin if KV has returned nothing."""
        cached = await self.current(environment, background)
        if cached.snapshot is None:
            ask = self._loader.ask_origin(environment, cached)
            await self._await_briefly(ask, FENCE_PATIENCE_MS, background)
        return cached

    def load_in_background(self, environment: str, cached: CachedSnapshot, background: Background) -> None:
        """Start loading the snapshot from an origin while another one answers; one load at a time is enough."""
        if self._clock.now_ms() - cached.origin_asked_at_ms >= LOAD_PAUSE_MS:
            cached.origin_asked_at_ms = self._clock.now_ms()
            background.keep_alive(start(self._loader.ask_origin(environment, cached)))

    async def look_for_keys(self, environment: str, cached: CachedSnapshot, background: Background) -> bool:
        """Ask an origin, at most at intervals, whether it has a manifest with new keys; return whether it was asked."""
        now_ms = self._clock.now_ms()
        if not cached.may_look_for_keys(now_ms):
            return False
        cached.new_keys_asked_at_ms = now_ms
        await self._await_briefly(self._loader.ask_origin(environment, cached), FENCE_PATIENCE_MS, background)
        return True

    async def reach_fence(
        self, environment: str, cached: CachedSnapshot, fence: Fence, background: Background
    ) -> tuple[str, ...]:
        """Update the cache entry to the fence: from KV, then from an origin; return the note of a failure.

        One request asks, the others check its result. A fence that no event can have named yet, because it is far ahead
        of what an origin said within the last second, fails at once; one that is slightly ahead is asked for soon.
        """
        give_up_at_ms = self._clock.now_ms() + FENCE_PATIENCE_MS
        while not _is_met(fence, cached):
            now_ms = self._clock.now_ms()
            since_ask_ms = now_ms - cached.origin_asked_at_ms
            is_hopeless = since_ask_ms < FENCE_PAUSE_MS and (cached.origin_fault or not _is_near(fence, cached))
            if is_hopeless or now_ms >= give_up_at_ms:
                return (BEHIND_FENCE,)
            if since_ask_ms < NEAR_FENCE_PAUSE_MS or now_ms - cached.catching_up_at_ms < FENCE_PAUSE_MS:
                await self._clock.sleep(POLL_MS)
                continue
            cached.catching_up_at_ms = now_ms
            catch_up = self._loader.catch_up(environment, cached, fence, FENCE_KV_PATIENCE_MS)
            await self._await_briefly(catch_up, give_up_at_ms - now_ms, background)
            cached.catching_up_at_ms = NEVER
            return () if _is_met(fence, cached) else (BEHIND_FENCE,)
        return ()

    async def _await_briefly(self, work: Coroutine[None, None, None], patience_ms: int, background: Background) -> None:
        """Do the work, waiting for it at most ``patience_ms``; it continues if the caller disconnects."""
        task = start(work)
        background.keep_alive(task)
        await self._clock.wait(task, patience_ms)


def _is_met(fence: Fence, cached: CachedSnapshot) -> bool:
    return cached.snapshot is not None and fence.is_met_by(cached.snapshot.manifest)


def _is_near(fence: Fence, cached: CachedSnapshot) -> bool:
    """Return whether an event of the last seconds may have named the fence."""
    return cached.snapshot is not None and fence.is_within(cached.snapshot.manifest, _NEAR_VERSIONS)
