"""A Worker's surroundings without Cloudflare: time that jumps, a KV in memory, origins that answer from snapshots.

Time stands still while anything can go on; when nothing can, it jumps to the next moment that somebody waits for. So a
test with stalls and deadlines takes no time and always goes the same way.
"""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from flaghoist.answers.answering import answer
from flaghoist.answers.verification import verify_context
from flaghoist.errors import FlaghoistError
from flaghoist.protocol.edge_origin import edge_token
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.events import EVENTS_PATH, Event, EventsAnswer, read_events
from flaghoist.protocol.paths import body_limit, split_url
from flaghoist.protocol.problems import refuse
from flaghoist.protocol.requests import Freshness, Request, Response
from flaghoist.snapshot.manifest import encode_manifest, manifest_key
from flaghoist_edge.ports.platform import ForwardedRequest, OutgoingRequest, Unreachable, UpstreamResponse
from flaghoist_edge.ports.timing import MANIFEST_CACHE_SECONDS
from tests.published import ENVIRONMENT, NOW_MS, SECRET, Published
from tests.signing import at_once, verify

T = TypeVar("T")

_TURNS = 40
"""Turns of the event loop after which nothing more happens by itself."""


class FakeClock:
    """Virtual time."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now = now_ms
        self._wakes: list[int] = []
        self._changes = 0

    def now_ms(self) -> int:
        return self.now

    def pass_ms(self, ms: int) -> None:
        """Let time pass between requests."""
        self.now += ms

    async def sleep(self, ms: int) -> None:
        wake_at = self.now + ms
        self._wakes.append(wake_at)
        self._changes += 1
        try:
            while self.now < wake_at:
                seen = self._changes
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                if seen == self._changes and wake_at == min(self._wakes):
                    self.now = max(self.now, wake_at)
        finally:
            self._wakes.remove(wake_at)
            self._changes += 1

    async def wait(self, task: asyncio.Task[T], ms: int) -> bool:
        timer = asyncio.create_task(self.sleep(ms))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
        return task.done()


async def forever() -> None:
    """Never come back."""
    await asyncio.get_running_loop().create_future()


class FakeKv:
    """KV as one data centre sees it; ``mode`` is ok, fails or stalls; ``reads`` lists the keys that were read."""

    def __init__(self, values: Mapping[str, bytes] | None = None) -> None:
        self.values = dict(values or {})
        self.mode = "ok"
        self.delay: Callable[[], Coroutine[None, None, None]] | None = None
        self.reads: list[str] = []

    def put(self, snapshot: Published) -> None:
        """Store a snapshot, as it arrives in this data centre."""
        self.values |= snapshot.values()

    async def get(self, key: str, cache_seconds: int) -> bytes | None:
        assert cache_seconds >= MANIFEST_CACHE_SECONDS, "Cloudflare refuses less"
        self.reads.append(key)
        if self.mode == "fails":
            raise Unreachable("KV failed")
        if self.mode == "stalls":
            await forever()
        if self.delay is not None:
            await self.delay()
        return self.values.get(key)

    @property
    def manifest_reads(self) -> int:
        """How often the manifest was read."""
        return self.reads.count(manifest_key(ENVIRONMENT))


class NoKv:
    """A KV that must not be asked."""

    async def get(self, key: str, cache_seconds: int) -> bytes | None:
        raise AssertionError(f"KV was asked for {key}")


class NoWeb:
    """A network that must not be used."""

    async def send(self, request: OutgoingRequest, deadline_ms: int) -> Response:
        raise AssertionError(f"{request.url} was asked")


class OwnSignatures:
    """Signature checks without a runtime; ``checked`` counts them."""

    def __init__(self) -> None:
        self.checked = 0

    async def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        self.checked += 1
        return await verify(public_key, signature, message)


class NoSignatures:
    """A runtime that must not be asked to verify anything."""

    async def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        raise AssertionError("a signature was checked")


@dataclass
class FakeOrigin:
    """An origin that serves one snapshot; ``mode`` is ok, fails, stalls or a status that it answers everything with.

    ``events`` are those that were reported to it, by id, and ``reports`` the keys that reported.
    """

    snapshot: Published
    clock: FakeClock
    mode: str | int = "ok"
    asked: list[str] = field(default_factory=list)
    edge_attributes: list[dict[str, object]] = field(default_factory=list)
    events: dict[str, Event] = field(default_factory=dict)
    reports: list[str] = field(default_factory=list)

    def respond(self, request: OutgoingRequest, path: str) -> Response:
        assert request.headers["Flaghoist-Edge-Token"] == edge_token(SECRET)
        if isinstance(self.mode, int):
            return Response(self.mode, {})
        parts = path.split("/")
        if path.startswith("/v1/edge/"):
            return self._manifest(request) if parts[4] == "manifest" else self._shard(parts[5])
        if path.partition("?")[0] == EVENTS_PATH:
            return self._take(request)
        return self._evaluate(request, path)

    def _take(self, request: OutgoingRequest) -> Response:
        reading = read_events(request.body)
        new = {event.id: event for event in reading.events if event.id not in self.events}
        self.events |= new
        self.reports.append(request.headers.get("authorization", ""))
        said = EventsAnswer(len(new), len(reading.events) - len(new), reading.refused)
        return Response(202, {"content-type": "application/json"}, msgspec.json.encode(said))

    def _etag(self) -> str:
        manifest = self.snapshot.manifest
        return f'"{manifest.snapshot_version}.{len(manifest.keys)}.{len(manifest.signing_keys)}"'

    def _manifest(self, request: OutgoingRequest) -> Response:
        headers = {"etag": self._etag(), "flaghoist-confirmed-at": str(self.clock.now)}
        if request.headers.get("If-None-Match") == self._etag():
            return Response(304, headers)
        confirmed = self.snapshot.but(confirmed_at_ms=self.clock.now)
        return Response(200, headers, encode_manifest(confirmed.manifest))

    def _shard(self, shard_hash: str) -> Response:
        blob = self.snapshot.blobs.get(shard_hash)
        return Response(404, {}) if blob is None else Response(200, {}, blob)

    def _evaluate(self, request: OutgoingRequest, path: str) -> Response:
        self.edge_attributes.append(
            msgspec.json.decode(urlsafe_b64decode(request.headers["Flaghoist-Edge-Attributes"]))
        )
        target, _, query = path.partition("?")
        plain = Request(request.method, target, query, request.headers, request.body)
        try:
            snapshot = self.snapshot.held()
            edge = self.edge_attributes[-1]
            evaluation = read_evaluation(plain)
            if evaluation.token:
                evaluation = at_once(verify_context(evaluation, snapshot, verify, self.clock.now))
            response = answer(evaluation, snapshot, Freshness(2), now_ms=self.clock.now, edge_attributes=edge)
        except FlaghoistError as error:
            response = refuse(error, plain)
        return Response(
            response.status, {name.lower(): value for name, value in response.headers.items()}, response.body
        )


@dataclass
class FakeWeb:
    """The network: origins by base URL."""

    def __init__(self, origins: Mapping[str, FakeOrigin]) -> None:
        self._origins = dict(origins)

    async def send(self, request: OutgoingRequest, deadline_ms: int) -> Response:
        base = next(base for base in self._origins if request.url.startswith(base))
        origin = self._origins[base]
        path = request.url.removeprefix(base)
        origin.asked.append(path.partition("?")[0])
        await asyncio.sleep(0)
        if origin.mode == "fails":
            raise Unreachable("connection refused")
        if origin.mode == "stalls":
            await origin.clock.sleep(deadline_ms)
            raise Unreachable("too late")
        return origin.respond(request, path)


@dataclass
class FakeBackground:
    """Collects what outlives the answer."""

    kept: list[asyncio.Task[None]] = field(default_factory=list)

    def keep_alive(self, task: asyncio.Task[None]) -> None:
        self.kept.append(task)

    async def finish(self) -> None:
        """Let it all come to its end."""
        if self.kept:
            await asyncio.wait(self.kept)
        self.kept.clear()

    def die(self) -> None:
        """End the request with everything that it had under way."""
        for task in self.kept:
            task.cancel()
        self.kept.clear()


@dataclass(frozen=True)
class FakeExchange:
    """A request as it arrives; ``background`` collects what outlives its answer."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes = b""
    cf: Mapping[str, object] = field(default_factory=dict)
    background: FakeBackground = field(default_factory=FakeBackground)

    async def read(self) -> Request:
        path, query = split_url(self.url)
        limit = body_limit(self.method, path)
        return Request(self.method, path, query, self.headers, self.content[: limit + 1] if limit else b"")

    def keep_alive(self, task: asyncio.Task[None]) -> None:
        self.background.keep_alive(task)

    async def forward(self, onward: ForwardedRequest) -> UpstreamResponse:
        raise AssertionError(f"the request was sent on to {onward.url}")


class FakeEntropy:
    """Randomness that counts: the first bytes are all ones, the next all twos."""

    def __init__(self) -> None:
        self._drawn = 0

    def random_bytes(self, count: int) -> bytes:
        self._drawn += 1
        return bytes([self._drawn]) * count
