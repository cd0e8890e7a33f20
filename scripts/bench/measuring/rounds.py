"""Interleaved rounds: each measures every subject for a short time, so that a slow minute affects all alike."""

import gc
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from statistics import median
from time import perf_counter_ns

import msgspec

from bench.measuring.connection import Connection, around_context, request_head, with_body
from bench.measuring.fresh_memory import have_at_hand
from flaghoist_cli.terminal.failure import CommandFailed

_NS_PER_MS = 1e6
_NS_PER_SECOND = 1e9


class Pace(msgspec.Struct, frozen=True):
    """How long a subject is measured in each round: ``seconds``, but at least ``least`` requests."""

    rounds: int
    seconds: float
    least: int
    warm_seconds: float


class VisitorStream(msgspec.Struct, frozen=True):
    """The requests to one server: a series of request bodies for one path; every answer must have ``status``.

    With ``in_url``, the context of each body is sent in the query of a GET instead.
    """

    name: str
    port: int
    path: str
    bodies: Iterator[bytes]
    headers: Mapping[str, str] = {}
    status: int = 200
    in_url: bool = False


class Spread(msgspec.Struct, frozen=True):
    """A figure of each round, in ms: the median of the rounds, the lowest and the highest."""

    median: float
    low: float
    high: float


class Timing(msgspec.Struct, frozen=True):
    """One subject's latencies over all rounds, and the size of its last answer."""

    p50: Spread
    p95: Spread
    p99: Spread
    requests: int
    bytes: int


def spread(figures: Sequence[float]) -> Spread:
    """Return the median, the lowest and the highest of the figures."""
    return Spread(round(median(figures), 4), round(min(figures), 4), round(max(figures), 4))


def percentile(ordered: Sequence[float], part: float) -> float:
    """Return the value below which ``part`` of the sorted values lie."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


@contextmanager
def without_collector() -> Iterator[None]:
    """Switch this process's garbage collector off during the measurement."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def measure(
    streams: Sequence[VisitorStream], pace: Pace, between: Callable[[int], None] = lambda _round: None
) -> Mapping[str, Timing]:
    """Return each stream's timing; ``between`` runs before each round, numbered from 0."""
    runs = [_Run(stream) for stream in streams]
    for run in runs:
        run.go(pace.warm_seconds, 3)
    for number in range(pace.rounds):
        between(number)
        for run in runs:
            run.keep(run.go(pace.seconds, pace.least))
    return {run.stream.name: run.timing() for run in runs}


def latencies(stream: VisitorStream, seconds: float, least: int = 1) -> list[float]:
    """Return the latencies of one stream in ms, in the order of the requests."""
    return _Run(stream).go(seconds, least)


class _Body(msgspec.Struct):
    context: msgspec.Raw


def request_maker(stream: VisitorStream) -> Callable[[bytes], bytes]:
    """Return the function that makes the bytes of a stream's request from a body."""
    if not stream.in_url:
        return partial(with_body, request_head("POST", stream.path, stream.headers))
    before, after = around_context(stream.path, stream.headers)

    def make(body: bytes) -> bytes:
        context = msgspec.json.decode(body, type=_Body).context
        return before + urlsafe_b64encode(bytes(context)).rstrip(b"=") + after

    return make


class _Run:
    """One stream, and the results of its rounds."""

    def __init__(self, stream: VisitorStream) -> None:
        self.stream = stream
        self._request = request_maker(stream)
        self._kept: list[list[float]] = []
        self._answer_bytes = 0
        self._turn_bytes = 0

    def go(self, seconds: float, least: int) -> list[float]:
        """Send requests for a while; return the latencies in ms.

        Every turn uses a new connection, because servers close idle ones; its first answer does not count.
        """
        found: list[float] = []
        have_at_hand(2 * self._turn_bytes)
        with Connection(self.stream.port) as connection, without_collector():
            self._ask(connection)
            end = perf_counter_ns() + int(seconds * _NS_PER_SECOND)
            while len(found) < least or perf_counter_ns() < end:
                found.append(self._ask(connection))
            self._answer_bytes = connection.received_bytes
        self._turn_bytes = len(found) * self._answer_bytes
        return found

    def _ask(self, connection: Connection) -> float:
        request = self._request(next(self.stream.bodies))
        start = perf_counter_ns()
        status = connection.exchange(request)
        took = (perf_counter_ns() - start) / _NS_PER_MS
        if status != self.stream.status:
            raise CommandFailed(f"{self.stream.name} answers {status} where {self.stream.status} was expected")
        return took

    def keep(self, found: list[float]) -> None:
        """Record a round."""
        self._kept.append(sorted(found))

    def timing(self) -> Timing:
        """Return the figures of the recorded rounds."""
        p50, p95, p99 = (spread([percentile(kept, part) for kept in self._kept]) for part in (0.50, 0.95, 0.99))
        requests = sum(len(kept) for kept in self._kept)
        return Timing(p50, p95, p99, requests, self._answer_bytes)
