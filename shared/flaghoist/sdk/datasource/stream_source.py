"""One stream of changes, from its first event to its end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from flaghoist.sdk.datasource.source import StreamEvent
from flaghoist.sdk.snapshot.levels import Level
from flaghoist.sdk.store.store import SnapshotStore

SETTLING_SECONDS = 0.2
"""A stream with news sends it at once, and a stream that the origin rejects ends at once."""

LONGEST_RETRY_SECONDS = 3_600.0
"""The longest wait that an origin may ask for: a wrong configuration must not block streams for days."""

_HEARD = "every change arrives as it is committed"
_MS = 1000


@dataclass(frozen=True, slots=True)
class Loss:
    """How a stream ended: the reason, the wait that the origin asks for, and how many seconds it had lasted."""

    reason: str
    retry_seconds: float
    lived_seconds: float


class StreamSource:
    """Passes the events of one stream to a keeper; ``now`` is in seconds."""

    def __init__(self, keeper: SnapshotStore, now: Callable[[], float]) -> None:
        self._keeper = keeper
        self._now = now
        self._retry_seconds = 0.0
        self._heard_since: float | None = None

    async def run(self, events: AsyncIterator[StreamEvent], first_seconds: float) -> None:
        """Apply events until the stream ends; raise TimeoutError unless the first comes in time.

        A stream does not repeat the known snapshot: silence after its greeting means that nothing is newer.
        """
        async with asyncio.timeout(first_seconds):
            heard = await anext(events, None)
        if heard is None:
            return
        settling = asyncio.get_running_loop().call_later(SETTLING_SECONDS, self._settle)
        try:
            while heard is not None:
                if heard.data:
                    settling.cancel()
                await self._take(heard)
                heard = await anext(events, None)
        finally:
            settling.cancel()

    def lost(self, reason: str, retry_seconds: float = 0.0) -> Loss:
        """Return how the stream ended; the wait is ``retry_seconds``, or what the stream asked for."""
        lived = 0.0 if self._heard_since is None else max(self._now() - self._heard_since, 1 / _MS)
        return Loss(reason, min(max(retry_seconds, self._retry_seconds), LONGEST_RETRY_SECONDS), lived)

    async def _take(self, heard: StreamEvent) -> None:
        if heard.retry_ms is not None:
            self._retry_seconds = min(heard.retry_ms, LONGEST_RETRY_SECONDS * _MS) / _MS
        if heard.data:
            await self._keeper.take(heard.data, Level.STREAMING, _HEARD)
            self._note()

    def _settle(self) -> None:
        if self._keeper.version is not None:
            self._keeper.confirm(Level.STREAMING, _HEARD)
            self._note()

    def _note(self) -> None:
        if self._heard_since is None:
            self._heard_since = self._now()
