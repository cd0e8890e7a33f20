"""Stay in sync with an origin: read its stream; without a stream, poll; return to the stream when possible."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from flaghoist.backoff import Backoff, spread
from flaghoist.errors import FlaghoistError, Unavailable
from flaghoist.model.flags import SnapshotVersion
from flaghoist.sdk.datasource.source import StreamEvent
from flaghoist.sdk.datasource.stream_source import StreamEnd, StreamSource, UpdatedStore
from flaghoist.sdk.snapshot.levels import Level

HERD_SECONDS = 1.0
"""All clients of an origin lose their streams at the same moment; they retry at random moments within this time."""

POLL_SPREAD = 0.2
"""Pauses between polls differ by up to a tenth in either direction."""

STEADY_SECONDS = 60.0
"""A stream that lasted this long does not count as failed, whatever ended it."""


class OriginSource(Protocol):
    """An origin, as `flaghoist.sdk.datasource.source.Source` provides it."""

    url: str

    async def snapshot(self, since: SnapshotVersion | None) -> bytes | None:
        """Return the document that updates the given version to the newest, None if it is the newest."""

    def events(self, since: SnapshotVersion | None) -> AsyncGenerator[StreamEvent, None]:
        """Yield the events of the stream, starting after the given version."""


@dataclass(frozen=True, slots=True)
class MonotonicClock:
    """The clock: the present time in seconds, and a wait."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Synchronizer:
    """Keeps a store up to date from the first of several origins that answers; `run` never returns."""

    def __init__(
        self,
        sources: Sequence[OriginSource],
        store: UpdatedStore,
        backoff: Backoff,
        *,
        poll_seconds: float,
        request_seconds: float,
        clock: MonotonicClock | None = None,
    ) -> None:
        self._sources = sources
        self._store = store
        self._backoff = backoff
        self._poll_seconds = poll_seconds
        self._request_seconds = request_seconds
        self._clock = clock or MonotonicClock()
        self._failures = 0
        self._tried = 0

    async def run(self) -> None:
        """Read the stream as long as it lasts, then poll until it is time to try a stream again."""
        while True:
            end = await self._read_stream()
            self._failures = 0 if end.lived_seconds >= STEADY_SECONDS else self._failures + 1
            if end.lived_seconds > 0:
                await self._clock.sleep(HERD_SECONDS * self._backoff.draw())
            await self._poll_for(self._backoff.delay_seconds(self._failures, end.retry_seconds), end.reason)

    @property
    def _source(self) -> OriginSource:
        return self._sources[self._tried % len(self._sources)]

    async def _read_stream(self) -> StreamEnd:
        """Apply the events of the stream until it ends."""
        source, stream = self._source, StreamSource(self._store, self._clock.now)
        try:
            async with aclosing(source.events(self._store.version)) as events:
                await stream.run(events, self._request_seconds)
        except FlaghoistError as error:
            self._tried += 1
            retry_seconds = error.retry_after_seconds if isinstance(error, Unavailable) else 0.0
            return stream.ended(str(error), retry_seconds)
        except TimeoutError:
            self._tried += 1
            return stream.ended(f"the stream of {source.url} said nothing for {self._request_seconds:g} s")
        return stream.ended(f"{source.url} ended the stream")

    async def _poll_for(self, seconds: float, reason: str) -> None:
        """Poll at once, and then at intervals, for so many seconds."""
        end = self._clock.now() + seconds
        await self._poll(reason)
        while (left := end - self._clock.now()) > 0:
            interval = spread(self._poll_seconds, POLL_SPREAD, self._backoff.draw())
            await self._clock.sleep(min(left, interval))
            if interval < left:
                await self._poll(reason)

    async def _poll(self, reason: str) -> None:
        store, level_reason = self._store, f"asking every {self._poll_seconds:g} s, for {reason}"
        try:
            data = await self._source.snapshot(store.version)
            if data is None:
                store.confirm_current(Level.POLLING, level_reason)
            else:
                await store.apply_document(data, Level.POLLING, level_reason)
        except FlaghoistError as error:
            self._tried += 1
            store.report_failure(error)
