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

BEHIND = "behind-floor"
"""The note of an answer that is older than the caller asked for."""

_NEAR_VERSIONS = 64


class FreshnessPolicy:
    """Decides, per request, whether the cached snapshot is fresh enough, and what to wait for if not."""

    def __init__(self, cache: SnapshotCache, refresher: SnapshotLoader, clock: EdgeClock) -> None:
        self._cache = cache
        self._refresher = refresher
        self._clock = clock

    async def current(self, environment: str, background: Background) -> CachedSnapshot:
        """Return the cache entry, refreshed as its age requires; it is empty if KV returned nothing in time."""
        slot = self._cache.slot(environment)
        now_ms = self._clock.now_ms()
        if slot.held is None:
            await self._read_first(environment, slot, background)
        elif slot.needs_refresh(now_ms):
            slot.attempted_at_ms = now_ms
            is_young = now_ms - slot.read_at_ms <= REVALIDATE_MS
            refresh = self._refresher.refresh(environment, slot)
            await self._await_briefly(refresh, BRIEF_PATIENCE_MS if is_young else PATIENCE_MS, background)
        return slot

    async def _read_first(self, environment: str, slot: CachedSnapshot, background: Background) -> None:
        """Read KV if nothing is cached.

        Requests that arrive meanwhile wait for the first one's result, unless KV has failed already. Their wait is
        bounded, because the first request may have been cancelled together with its work.
        """
        now_ms = self._clock.now_ms()
        while now_ms - slot.first_read_at_ms < TAKE_OVER_MS and slot.held is None and not slot.kv_fault:
            await self._clock.sleep(POLL_MS)
            now_ms = self._clock.now_ms()
        is_settled = slot.held is not None or now_ms - slot.kv_failed_at_ms < RETRY_MS
        if not is_settled and now_ms - slot.first_read_at_ms >= TAKE_OVER_MS:
            slot.first_read_at_ms = now_ms
            await self._await_briefly(self._refresher.read_kv(environment, slot), FIRST_READ_PATIENCE_MS, background)
            slot.first_read_at_ms = NEVER

    async def obtain(self, environment: str, background: Background) -> CachedSnapshot:
        """Return the cache entry, loaded from an origin if KV has returned nothing."""
        slot = await self.current(environment, background)
        if slot.held is None:
            ask = self._refresher.ask_origin(environment, slot)
            await self._await_briefly(ask, FENCE_PATIENCE_MS, background)
        return slot

    def load_behind(self, environment: str, slot: CachedSnapshot, background: Background) -> None:
        """Start loading the snapshot from an origin while another one answers; one load at a time is enough."""
        if self._clock.now_ms() - slot.origin_asked_at_ms >= LOAD_PAUSE_MS:
            slot.origin_asked_at_ms = self._clock.now_ms()
            background.keep(start(self._refresher.ask_origin(environment, slot)))

    async def doubt_key(self, environment: str, slot: CachedSnapshot, background: Background) -> bool:
        """Ask an origin, at most at intervals, whether it has a manifest with new keys; return whether it was asked."""
        now_ms = self._clock.now_ms()
        if not slot.may_doubt_key(now_ms):
            return False
        slot.key_doubted_at_ms = now_ms
        await self._await_briefly(self._refresher.ask_origin(environment, slot), FENCE_PATIENCE_MS, background)
        return True

    async def reach(
        self, environment: str, slot: CachedSnapshot, floor: Fence, background: Background
    ) -> tuple[str, ...]:
        """Update the cache entry to the fence: from KV, then from an origin; return the note of a failure.

        One request asks, the others check its result. A fence that no event can have named yet, because it is far ahead
        of what an origin said within the last second, fails at once; one that is slightly ahead is asked for soon.
        """
        give_up_at_ms = self._clock.now_ms() + FENCE_PATIENCE_MS
        while not _is_met(floor, slot):
            now_ms = self._clock.now_ms()
            since_ask_ms = now_ms - slot.origin_asked_at_ms
            is_hopeless = since_ask_ms < FENCE_PAUSE_MS and (slot.origin_fault or not _is_near(floor, slot))
            if is_hopeless or now_ms >= give_up_at_ms:
                return (BEHIND,)
            if since_ask_ms < NEAR_FENCE_PAUSE_MS or now_ms - slot.catching_up_at_ms < FENCE_PAUSE_MS:
                await self._clock.sleep(POLL_MS)
                continue
            slot.catching_up_at_ms = now_ms
            catch_up = self._refresher.catch_up(environment, slot, floor, FENCE_KV_PATIENCE_MS)
            await self._await_briefly(catch_up, give_up_at_ms - now_ms, background)
            slot.catching_up_at_ms = NEVER
            return () if _is_met(floor, slot) else (BEHIND,)
        return ()

    async def _await_briefly(self, work: Coroutine[None, None, None], patience_ms: int, background: Background) -> None:
        """Do the work, waiting for it at most ``patience_ms``; it continues if the caller disconnects."""
        task = start(work)
        background.keep(task)
        await self._clock.wait(task, patience_ms)


def _is_met(floor: Fence, slot: CachedSnapshot) -> bool:
    return slot.held is not None and floor.is_met_by(slot.held.manifest)


def _is_near(floor: Fence, slot: CachedSnapshot) -> bool:
    """Return whether an event of the last seconds may have named the fence."""
    return slot.held is not None and floor.is_within(slot.held.manifest, _NEAR_VERSIONS)
