"""One log line per request, written in batches: a request only appends to a list.

Python's own logging would cost more than many evaluations; the lines look like those of `logs`.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol, TextIO

import msgspec

from flaghoist_origin.observability.logs import LogFormat

BATCH_SECONDS = 0.1
LOGGER = "flaghoist.access"


class RequestRecord(NamedTuple):
    """One answered request; ``key`` is the id of the caller's key, ``seconds`` the time until the answer's end."""

    request_id: str
    method: str
    route: str
    status: int
    seconds: float
    key: str


class AccessLine(msgspec.Struct, frozen=True):
    """The same in the form of the log."""

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


class RequestRecorder(Protocol):
    """A receiver of answered requests."""

    def record_request(self, answered: RequestRecord) -> None:
        """Record one answered request; never waits."""


class AccessLog:
    """Writes lines to ``stream`` in batches, slightly delayed; call `flush` at the end."""

    def __init__(self, log_format: LogFormat, stream: TextIO, *, now_seconds: Callable[[], float] = time.time) -> None:
        self._encode, self._stream, self._now_seconds = _ENCODERS[log_format], stream, now_seconds
        self._waiting: list[tuple[float, RequestRecord]] = []

    def record_request(self, answered: RequestRecord) -> None:
        """Record one answered request; never waits."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(BATCH_SECONDS, self.flush)
        self._waiting.append((self._now_seconds(), answered))

    def flush(self) -> None:
        """Write the waiting lines."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._stream.writelines(self._encode(_line(at, answered)) + "\n" for at, answered in waiting)
            self._stream.flush()


def _line(at_seconds: float, answered: RequestRecord) -> AccessLine:
    request_id, method, route, status, seconds, key = answered
    second = int(at_seconds)
    at = f"{_second(second)}.{int((at_seconds - second) * 1000):03d}Z"
    return AccessLine(at, "info", LOGGER, "request", request_id, method, route, status, round(seconds * 1000, 2), key)


@lru_cache(maxsize=4)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _json(line: AccessLine) -> str:
    return msgspec.json.encode(line).decode()


def _text(line: AccessLine) -> str:
    return (
        f"{line.time} INFO    {line.logger}: {line.method} {line.route} {line.status} {line.ms} ms"
        f" key={line.key or '-'} request_id={line.request_id}"
    )


_ENCODERS: Mapping[LogFormat, Callable[[AccessLine], str]] = {"json": _json, "text": _text}
