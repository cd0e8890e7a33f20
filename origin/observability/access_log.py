"""One line per request, written in batches: what a request waits for is the encoding of a small struct.

Python's own logging would cost more than many an evaluation; the lines look like those of `origin.observability.logs`.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Protocol, TextIO

import msgspec

from origin.observability.logs import LogFormat

BATCH_SECONDS = 0.1
LOGGER = "flaghoist.access"
_SECOND = "%Y-%m-%dT%H:%M:%S"


class AccessLine(msgspec.Struct, frozen=True):
    """One answered request; ``key`` is the id of the caller's key, ``ms`` the time until the answer had ended."""

    time: str
    level: str
    logger: str
    message: str
    request_id: str
    method: str
    route: str
    status: int
    ms: float
    key: str


class Access(Protocol):
    """What takes an account of requests."""

    def request(self, *, request_id: str, method: str, route: str, status: int, seconds: float, key: str) -> None:
        """Take note of one answered request; never waits."""


class AccessLog:
    """Writes lines to ``stream`` a little later, many at once; call `flush` at the end."""

    def __init__(self, log_format: LogFormat, stream: TextIO, *, now_seconds: Callable[[], float] = time.time) -> None:
        self._encode, self._stream, self._now_seconds = _ENCODERS[log_format], stream, now_seconds
        self._waiting: list[str] = []
        self._second, self._prefix = -1, ""

    def request(self, *, request_id: str, method: str, route: str, status: int, seconds: float, key: str) -> None:
        """Take note of one answered request; never waits."""
        ms = round(seconds * 1000, 2)
        line = AccessLine(self._time(), "info", LOGGER, "request", request_id, method, route, status, ms, key)
        if not self._waiting:
            asyncio.get_running_loop().call_later(BATCH_SECONDS, self.flush)
        self._waiting.append(self._encode(line))

    def flush(self) -> None:
        """Write what waits."""
        lines, self._waiting = self._waiting, []
        if lines:
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()

    def _time(self) -> str:
        now = self._now_seconds()
        second = int(now)
        if second != self._second:
            self._second, self._prefix = second, time.strftime(_SECOND, time.gmtime(second))
        return f"{self._prefix}.{int((now - second) * 1000):03d}Z"


def _json(line: AccessLine) -> str:
    return msgspec.json.encode(line).decode()


def _text(line: AccessLine) -> str:
    return (
        f"{line.time} INFO    {line.logger}: {line.method} {line.route} {line.status} {line.ms} ms"
        f" key={line.key or '-'} request_id={line.request_id}"
    )


_ENCODERS: Mapping[LogFormat, Callable[[AccessLine], str]] = {"json": _json, "text": _text}
