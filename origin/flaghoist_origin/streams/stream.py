"""One client's stream: the versions it missed, then each version as it is committed, in order and exactly once.

A stream stores only its client's position in the channel. A client that reads nothing for a while, or falls behind the
channel's oldest event, is cut off: it reconnects and catches up from the log.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum

from starlette.types import Send

from flaghoist.errors import FlaghoistError
from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.observability.metrics import STREAM_EVENTS
from flaghoist_origin.streams import events
from flaghoist_origin.streams.backlog import StreamBacklog
from flaghoist_origin.streams.channel import StreamChannel
from flaghoist_origin.streams.delays import ReconnectDelays
from flaghoist_origin.streams.events import Dialect, Event

LOG = logging.getLogger("flaghoist.origin")
CHUNK_BYTES = 64 * 1024
"""How much is passed to the server at once: more would be copied into its buffer however slowly the client reads."""


class Ending(StrEnum):
    """Why a stream ends; all but the first are caused by the origin."""

    GONE = "gone"
    REFUSED = "refused"
    STUCK = "stuck"
    BEHIND = "behind"
    FAILED = "failed"
    DRAINED = "drained"


class Stream:
    """One client; `run` sends until the stream ends, `look_again` says that there is something to do.

    ``since`` is the version that the client holds, None for none; ``key_id`` the id of the key it came with.
    """

    def __init__(
        self,
        channel: StreamChannel,
        backlog: StreamBacklog,
        delays: ReconnectDelays,
        *,
        dialect: Dialect,
        key_id: str,
        since: SnapshotVersion | None,
    ) -> None:
        self.key_id = key_id
        self.dialect = dialect
        self.next_beat = 0.0
        self.sending_since: float | None = None
        self._channel = channel
        self._backlog, self._delays = backlog, delays
        self._since = since
        self._at = channel.position
        self._is_beat_due = False
        self._ending: Ending | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._task: asyncio.Task[object] | None = None
        self._events = STREAM_EVENTS.labels(dialect)

    @property
    def environment(self) -> str:
        """Return the environment whose changes are streamed."""
        return self._channel.environment

    @property
    def cut(self) -> Ending | None:
        """Return why the origin ended the stream; None while it runs, or if the client disconnected."""
        return None if self._ending is Ending.GONE else self._ending

    def look_again(self) -> None:
        """Make the stream check for new versions."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def beat(self) -> None:
        """Make the stream send a heartbeat."""
        self._is_beat_due = True
        self.look_again()

    def end(self, ending: Ending) -> None:
        """End the stream; if its client reads nothing, close the connection at once, unless it is asked to leave."""
        self._ending = self._ending or ending
        self.look_again()
        if self.sending_since is not None and ending is not Ending.DRAINED and self._task is not None:
            self._task.cancel()

    async def run(self, send: Send) -> None:
        """Send missed and new versions until the stream ends; the body is complete unless the connection was closed."""
        self._task = asyncio.current_task()
        try:
            await self._run(send)
        except asyncio.CancelledError:
            if self._ending is None or self._task is None:
                raise
            self._task.uncancel()

    async def _run(self, send: Send) -> None:
        write = _writer(self, send)
        try:
            await self._begin(write)
            await self._follow(write)
        except FlaghoistError as error:  # the answer has begun: the client gets the error when it reconnects
            self._ending = self._ending or Ending.FAILED
            LOG.info("a stream of %s ends: %s", self.environment, error)
        if self._ending is Ending.DRAINED:
            await write(events.farewell(self._delays.when_drained_ms(), "this origin is going away: reconnect"))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self, write: "Write") -> None:
        """Send the greeting, and bring the client to the beginning of the channel."""
        retry_ms, since = self._delays.after_loss_ms(), self._since
        if since is not None:
            await write(events.greeting(retry_ms, None))
            await self._resume(write, since)
        elif self.dialect is Dialect.RULES:
            await write(events.greeting(retry_ms, None))
            await self._put(write)
        else:
            await write(events.greeting(retry_ms, self._at))

    async def _resume(self, write: "Write", since: SnapshotVersion) -> None:
        reached = await self._backlog.position(self.environment, since)
        if since.epoch != reached.epoch or since > reached:
            await self._put(write)
        else:
            await self._replay(write, since, reached)

    async def _replay(self, write: "Write", at: SnapshotVersion, until: SnapshotVersion) -> None:
        while at < until and self._ending is None and self._channel.after(at) is None:
            logged = await self._backlog.versions_after(self.environment, at)
            if not logged:
                await self._put(write)
                return
            at = logged[-1].version
            encoded = [Event(self.environment, each).encoded(self.dialect) for each in logged]
            count = len(logged)
            del logged  # a slow client keeps only the bytes that it will be sent
            await write(b"".join(encoded))
            self._events.inc(count)
        self._at = at

    async def _follow(self, write: "Write") -> None:
        while self._ending is None:
            pending = self._channel.after(self._at)
            if pending is None:
                if self._at.epoch == self._channel.position.epoch:
                    self._ending = Ending.BEHIND
                    return
                await self._put(write)
            elif pending:
                self._at = pending[-1].version
                await write(b"".join([event.encoded(self.dialect) for event in pending]))
                self._events.inc(len(pending))
            elif self._is_beat_due:
                self._is_beat_due = False
                await write(events.HEARTBEAT)
            else:
                await self._until_called()

    async def _put(self, write: "Write") -> None:
        self._at, event = await self._backlog.put_event(self.environment, self.dialect)
        await write(event)
        self._events.inc()

    async def _until_called(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter


Write = Callable[[bytes], Awaitable[None]]


def _writer(stream: Stream, send: Send) -> Write:
    """Return the function that sends bytes in bounded pieces, and records since when the client has read none."""
    now = asyncio.get_running_loop().time

    async def write(data: bytes) -> None:
        for start in range(0, len(data), CHUNK_BYTES):
            piece = data if len(data) <= CHUNK_BYTES else data[start : start + CHUNK_BYTES]
            stream.sending_since = now()
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        stream.sending_since = None

    return write
