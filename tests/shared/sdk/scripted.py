"""Origins that do what a test says, and a time that passes only where somebody waits."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

import httpx

from flaghoist.errors import FlaghoistError
from flaghoist.model.flags import SnapshotVersion
from flaghoist.sdk.datasource.source import StreamEvent
from flaghoist.sdk.datasource.synchronizer import MonotonicClock

ScriptItem = StreamEvent | FlaghoistError
Handler = Callable[[httpx.Request], httpx.Response]


def recording(seen: list[httpx.Request], response: httpx.Response) -> Handler:
    """Return what answers each request with this response, having noted the request."""

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return response

    return handle


class Ended(Exception):
    """The script is over: whoever follows is stopped."""


class ScriptedOrigin:
    """Answers each stream and each poll with the next of a script; raises `Ended` past the last stream.

    ``requests`` is what it was asked, in order: ``stream`` or ``poll``, and the version that the asker held.
    """

    def __init__(
        self, streams: Sequence[Sequence[ScriptItem]], polls: Sequence[bytes | FlaghoistError | None] = ()
    ) -> None:
        self.url = "http://scripted.test"
        self.requests: list[tuple[str, str]] = []
        self._streams = list(streams)
        self._polls = list(polls)

    async def snapshot(self, since: SnapshotVersion | None) -> bytes | None:
        self.requests.append(("poll", str(since)))
        answer = self._polls.pop(0) if self._polls else None
        if isinstance(answer, FlaghoistError):
            raise answer
        return answer

    async def events(self, since: SnapshotVersion | None) -> AsyncGenerator[StreamEvent, None]:
        self.requests.append(("stream", str(since)))
        if not self._streams:
            raise Ended
        for said in self._streams.pop(0):
            await asyncio.sleep(0)
            if isinstance(said, FlaghoistError):
                raise said
            yield said


class JumpingClock:
    """A time that jumps to the end of each wait; ``waits`` are their seconds."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._now = 0.0

    @property
    def clock(self) -> MonotonicClock:
        """Return it as followers take it."""
        return MonotonicClock(lambda: self._now, self._sleep)

    def passes(self, seconds: float) -> None:
        """Let time pass without a wait."""
        self._now += seconds

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 6))
        self._now += seconds
        await asyncio.sleep(0)
