"""One stream of changes, from its first event to its end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from flaghoist.errors import FlaghoistError
from flaghoist.model.flags import SnapshotVersion
from flaghoist.sdk.datasource.source import StreamEvent
from flaghoist.sdk.snapshot.levels import Level

SETTLING_SECONDS = 0.2
"""A stream with news sends it at once, and a stream that the origin rejects ends at once."""

LONGEST_RETRY_SECONDS = 3_600.0
"""The longest wait that an origin may ask for: a wrong configuration must not block streams for days."""

_STREAMING_REASON = "every change arrives as it is committed"
_MS = 1000


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """How a stream ended: the reason, the wait that the origin asks for, and how many seconds it had lasted."""

    reason: str
    retry_seconds: float
    lived_seconds: float


class UpdatedStore(Protocol):
    """What sources keep up to date; see `flaghoist.sdk.store.store.SnapshotStore`."""

    @property
    def version(self) -> SnapshotVersion | None:
        """The version of the current snapshot, None without one."""

    async def apply_document(self, data: bytes | str, level: Level, reason: str) -> None:
        """Apply an origin's document and set ``level``; raise FlaghoistError and change nothing."""

    def confirm_current(self, level: Level, reason: str) -> None:
        """Record that the origin has nothing newer than the current snapshot, and set the level."""

    def report_failure(self, error: FlaghoistError) -> None:
        """Record that no origin can be reached."""


class StreamSource:
    """Passes the events of one stream to a store; ``now`` is in seconds."""

    def __init__(self, store: UpdatedStore, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._retry_seconds = 0.0
        self._live_since: float | None = None

    async def run(self, events: AsyncIterator[StreamEvent], first_seconds: float) -> None:
        """Apply events until the stream ends; raise TimeoutError unless the first comes in time.

        A stream does not repeat the known snapshot: silence after its greeting means that nothing is newer.
        """
        async with asyncio.timeout(first_seconds):
            event = await anext(events, None)
        if event is None:
            return
        settling = asyncio.get_running_loop().call_later(SETTLING_SECONDS, self._settle)
        try:
            while event is not None:
                if event.data:
                    settling.cancel()
                await self._apply_event(event)
                event = await anext(events, None)
        finally:
            settling.cancel()

    def ended(self, reason: str, retry_seconds: float = 0.0) -> StreamEnd:
        """Return how the stream ended; the wait is ``retry_seconds``, or what the stream asked for."""
        lived = 0.0 if self._live_since is None else max(self._now() - self._live_since, 1 / _MS)
        return StreamEnd(reason, min(max(retry_seconds, self._retry_seconds), LONGEST_RETRY_SECONDS), lived)

    async def _apply_event(self, event: StreamEvent) -> None:
        if event.retry_ms is not None:
            self._retry_seconds = min(event.retry_ms, LONGEST_RETRY_SECONDS * _MS) / _MS
        if event.data:
            await self._store.apply_document(event.data, Level.STREAMING, _STREAMING_REASON)
            self._mark_live()

    def _settle(self) -> None:
        if self._store.version is not None:
            self._store.confirm_current(Level.STREAMING, _STREAMING_REASON)
            self._mark_live()

    def _mark_live(self) -> None:
        if self._live_since is None:
            self._live_since = self._now()
