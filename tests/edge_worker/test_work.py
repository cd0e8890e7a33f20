"""What one bootstrap costs, counted instead of timed: calls, hashes, memory, and crossings into JavaScript.

The bounds stand a little above what was counted when they were set, so that only a real regression meets them. Who
makes bootstraps cheaper lowers them.
"""

import asyncio
import importlib
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import FrameType
from typing import Any

import msgspec
import pytest

from flaghoist.answers.fragments import OFREP_ITEMS
from flaghoist.bulk import draws
from flaghoist.engine.load import LoadedSnapshot, load
from flaghoist.model.flags import FlagSet
from flaghoist.protocol.requests import Response
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import Sealer
from flaghoist_edge.ports.platform import Platform
from flaghoist_edge.ports.settings import Site, WorkerSettings
from flaghoist_edge.service.service import Service
from tests.e2e.flag_mix import contexts, flag_mix
from tests.edge_worker.border import Border, js_request, module
from tests.edge_worker.fakes import (
    FakeBackground,
    FakeClock,
    FakeEntropy,
    FakeExchange,
    FakeKv,
    NoSignatures,
    NoWeb,
)
from tests.edge_worker.world import BULK
from tests.in_worker.cases_worker import read_flagset
from tests.published import CLIENT_KEY, ENVIRONMENT, SECRET, Published, published

SIZES = (100, 1_000)
USERS = contexts(30, 7)
HEADERS = {"authorization": f"Bearer {CLIENT_KEY}"}


def a_mix(size: int) -> Published:
    document = flag_mix(size, 7)
    flagset = read_flagset({part: {each["key"]: each for each in document[part]} for part in document})
    return published(*flagset.flags.values(), *flagset.segments.values())


def an_exchange(context: Mapping[str, object], headers: Mapping[str, str]) -> FakeExchange:
    content = msgspec.json.encode({"context": context})
    return FakeExchange("POST", f"https://edge.example{BULK}", {**HEADERS, **headers}, content)


@dataclass
class Isolate:
    """A warm isolate with a site behind it, asked without an event loop: what is warm awaits nothing."""

    service: Service
    background: FakeBackground = field(default_factory=FakeBackground)

    def exchange(self, context: Mapping[str, object], headers: Mapping[str, str]) -> FakeExchange:
        return replace(an_exchange(context, headers), background=self.background)

    def ask(self, context: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Response:
        response: Response = at_once(self.service.respond(self.exchange(context, headers or {})))
        return response


def at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine comes to in its first step; the test fails if it waits for anything."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("a warm bootstrap waits for something")


@pytest.fixture(params=SIZES)
def isolate(request: pytest.FixtureRequest) -> Isolate:
    kv = FakeKv(a_mix(request.param).values())
    platform = Platform(kv=kv, web=NoWeb(), clock=FakeClock(), entropy=FakeEntropy(), signatures=NoSignatures())
    site = Site("https://site.example", CLIENT_KEY, ENVIRONMENT)
    service = Service(settings=WorkerSettings((ENVIRONMENT,), (), SECRET, site=site), platform=platform, python="3")
    made = Isolate(service)

    async def warm() -> None:
        for user in (*USERS[:10], *USERS[:10]):
            reply = await service.respond(made.exchange(user, {}))
            assert reply.status == 200
        await made.background.finish()

    asyncio.run(warm())
    return made


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions are called, those of Python and those of C."""
    counted = Counter[str]()

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        counted[event] += 1

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted["call"] + counted["c_call"]


def test_bootstrap__of_a_new_user__calls_few_functions_per_flag(
    isolate: Isolate, request: pytest.FixtureRequest
) -> None:
    size = request.node.callspec.params["isolate"]
    calls = max(calls_of(lambda user=user: isolate.ask(user)) for user in USERS[10:])  # type: ignore[misc]
    assert calls <= 260 + 0.8 * size


def test_bootstrap__of_the_same_user__calls_the_same_whatever_the_size(isolate: Isolate) -> None:
    assert calls_of(lambda: isolate.ask(USERS[0])) <= 150


def test_bootstrap__not_modified__evaluates_and_renders_nothing(isolate: Isolate) -> None:
    etag = isolate.ask(USERS[0]).headers["ETag"]
    assert isolate.ask(USERS[0], {"if-none-match": etag}).status == 304
    assert calls_of(lambda: isolate.ask(USERS[0], {"if-none-match": etag})) <= 145


def test_bootstrap__hashes__one_per_draw_that_is_needed(
    isolate: Isolate, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = request.node.callspec.params["isolate"]
    hashed: list[bytes] = []

    def counting(text: bytes) -> object:
        hashed.append(text)
        return sha256(text)

    monkeypatch.setattr(draws, "sha256", counting)
    reply = isolate.ask(USERS[11])
    unit = str(USERS[11]["targetingKey"]).encode()
    assert len(hashed) == reply.body.count(b'"reason":"SPLIT"')
    assert 0.25 * size <= len(hashed) <= 0.35 * size
    assert all(text.endswith(b"." + unit) for text in hashed)


def test_bootstrap__memory__is_one_answer_and_what_it_is_made_of(isolate: Isolate) -> None:
    isolate.ask(USERS[12])
    tracemalloc.start()
    try:
        reply = isolate.ask(USERS[13])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= 1.6 * len(reply.body) + 8_000


def test_load__thousand_flags_and_a_change__calls_few_functions_per_flag() -> None:
    document, sealer = flag_mix(1_000, 7), Sealer(SECRET, ENVIRONMENT)
    flagset = read_flagset({part: {each["key"]: each for each in document[part]} for part in document})
    key, flag = next(item for item in flagset.flags.items() if not item[1].on)
    changed = msgspec.structs.replace(flag, on=True, version=flag.version + 1)
    first = pack(flagset, sealer)
    second = pack(FlagSet({**flagset.flags, key: changed}, flagset.segments, flagset.groups), sealer, first)
    blobs = {**first.packed.blobs, **second.packed.blobs}
    held: list[LoadedSnapshot] = []

    def start() -> None:
        held.append(load(first.packed.shards, blobs, sealer))
        held[0].engine.render_all(USERS[0], OFREP_ITEMS["client"], client_only=True)

    assert calls_of(start) <= 48 * 1_000
    assert calls_of(lambda: load(second.packed.shards, blobs, sealer, held[0])) <= 15 * 1_000


def test_bootstrap__crossings__are_few_and_do_not_grow(border: Border) -> None:
    runtime = importlib.import_module("flaghoist_edge.runtime.runtime").Runtime()
    values = a_mix(100).values()

    async def read(key: str, **_: object) -> bytes | None:
        return values.get(key)

    env = module("env", FLAGS=module("FLAGS", get=read), ENVIRONMENTS=ENVIRONMENT, FLAGHOIST_SECRET=SECRET.decode())

    async def ask_twice() -> None:
        for user in USERS[:2]:
            border.crossings.clear()
            await runtime.answer(
                js_request(border, an_exchange(user, {})), env, module("ctx", waitUntil=lambda task: task)
            )

    asyncio.run(ask_twice())
    assert Counter(border.crossings)["to_js()"] == 1, "the body crosses as one buffer"
    assert len(border.crossings) <= 19, border.crossings
    assert border.held_by_javascript == 0
