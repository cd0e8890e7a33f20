"""An origin over HTTP: its snapshot, and its stream of changes; every error is a FlaghoistError."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager

import httpx
import msgspec
from httpx_sse import EventSource

from flaghoist.errors import KeyRefused, LimitExceeded, NotFound, Unavailable
from flaghoist.limits import SNAPSHOT_BODY_BYTES, Limit
from flaghoist.model.flags import SnapshotVersion
from flaghoist.protocol.keys import bearer
from flaghoist.protocol.sdk_origin import RULES_DIALECT, STREAM_PATH, snapshot_path
from flaghoist.text.retry_after import retry_after_seconds

_GOOD, _UNCHANGED, _ABSENT = 200, 304, 404
_REFUSED = (401, 403)


class StreamEvent(msgspec.Struct, frozen=True):
    """One event; ``data`` is empty if it only sets the reconnection time, which is ``retry_ms`` if given."""

    data: str
    retry_ms: int | None = None


class SnapshotSource:
    """One origin, asked with one key for one environment; durations are seconds."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: str,
        key: str,
        environment: str,
        *,
        request_seconds: float,
        silence_seconds: float,
    ) -> None:
        self.url = url
        self._client = client
        self._headers = {"Authorization": bearer(key), "Accept-Encoding": "identity"}
        self._snapshot_path = snapshot_path(environment)
        self._timeout = httpx.Timeout(request_seconds)
        self._stream_timeout = httpx.Timeout(request_seconds, read=silence_seconds)

    async def snapshot(self, since: SnapshotVersion | None) -> bytes | None:
        """Return the whole environment or the changes after the given version; None if nothing changed."""
        query = {"since": str(since)} if since else {}
        headers = {"If-None-Match": f'"{since}"'} if since else {}
        async with self._open(self._snapshot_path, query, headers, self._timeout) as response:
            return None if response.status_code == _UNCHANGED else await response.aread()

    async def events(self, since: SnapshotVersion | None) -> AsyncGenerator[StreamEvent, None]:
        """Yield the events of the stream: first the whole environment, or the changes after the given version."""
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if since:
            headers["Last-Event-ID"] = str(since)
        async with (
            self._open(STREAM_PATH, {"dialect": RULES_DIALECT}, headers, self._stream_timeout) as response,
            aclosing(EventSource(response).aiter_sse()) as events,
        ):
            async for event in events:
                yield StreamEvent(event.data, event.retry)

    @asynccontextmanager
    async def _open(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str], timeout: httpx.Timeout
    ) -> AsyncIterator[httpx.Response]:
        """Send a request and yield a successful answer, its body unread and limited to the size of a snapshot."""
        url, sent = self.url + path, {**self._headers, **headers}
        try:
            async with self._client.stream("GET", url, params=dict(query), headers=sent, timeout=timeout) as response:
                _check(response, self.url)
                stream = response.stream
                assert isinstance(stream, httpx.AsyncByteStream), "an asynchronous client was asked"
                response.stream = Bounded(stream, SNAPSHOT_BODY_BYTES)
                yield response
        except httpx.HTTPError as error:
            message = str(error) or type(error).__name__
            raise Unavailable(f"{self.url} cannot be reached ({message}): trying again", 0) from error


def _check(response: httpx.Response, url: str) -> None:
    status = response.status_code
    if status in _REFUSED:
        raise KeyRefused(f"{url} refuses the key ({status}): give the provider a server key that is valid there")
    if status == _ABSENT:
        raise NotFound(f"{url} has no such path ({status}): check that origin names a Flaghoist origin")
    if status not in (_GOOD, _UNCHANGED):
        raise Unavailable(f"{url} answers {status}: trying again", retry_after_seconds(response.headers))


class Bounded(httpx.AsyncByteStream):
    """Passes bytes through until one line of them is longer than ``limit``; a body without line breaks is one line."""

    def __init__(self, stream: httpx.AsyncByteStream, limit: Limit) -> None:
        self._stream = stream
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        length = 0
        async for chunk in self._stream:
            end = chunk.rfind(b"\n") + 1
            length = len(chunk) - end if end else length + len(chunk)
            if length > self._limit.value:
                raise LimitExceeded(self._limit, length, too_large=True)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
