"""Events at the edge: handed on and never acknowledged here; single look-ups reported behind the answers."""

import asyncio
from collections.abc import Mapping

import msgspec
import pytest

from flaghoist.protocol.events import Exposure, encode_batch, encode_event
from flaghoist.protocol.requests import Response
from flaghoist_edge.evaluation.reporting import KEPT_MOST
from flaghoist_edge.ports.timing import REPORT_PAUSE_MS, REPORT_TAKE_OVER_MS
from tests.edge_worker.fakes import FakeEntropy, FakeExchange
from tests.edge_worker.world import BOOTSTRAP, BULK, World, a_world, version_of
from tests.published import CLIENT_KEY, NOW_MS, SERVER_KEY, a_version

pytestmark = pytest.mark.anyio

SINGLE = f"{BULK}/release"
ADA = {"targetingKey": "ada"}
ISOLATE = FakeEntropy().random_bytes(16).hex()
EVENT = Exposure(id="1", flag="release", variant="now", unit="ada", source="web")
BODY = encode_batch([encode_event(EVENT)])


async def send_events(
    world: World, content: bytes = BODY, query: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """Return the answer to reported events."""
    sent = {"authorization": f"Bearer {CLIENT_KEY}"} if headers is None else headers
    return await world.send(FakeExchange("POST", f"https://edge.example/v1/events{query}", sent, content))


async def look_up(world: World, context: object = None, key: str = CLIENT_KEY, path: str = SINGLE) -> Response:
    return await world.ask(path, ADA if context is None else context, key=key)


@pytest.fixture
async def world(anyio_backend: str) -> World:
    """Return an isolate that holds a snapshot and reports look-ups."""
    warm = a_world(reports_exposures=True)
    await warm.ask()
    await warm.background.finish()
    return warm


async def test_events__handed_on__the_origins_answer_comes_back(world: World) -> None:
    first, again = await send_events(world), await send_events(world)

    assert (first.status, msgspec.json.decode(first.body)) == (202, {"accepted": 1, "duplicates": 0, "refused": []})
    assert msgspec.json.decode(again.body)["duplicates"] == 1
    assert world.home.events == {"1": EVENT}
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert not [name for name in first.headers if name.lower() == "flaghoist-level"]


async def test_events__key_in_the_url__travels_on(world: World) -> None:
    answered = await send_events(world, query=f"?key={CLIENT_KEY}", headers={"content-type": "text/plain"})

    assert answered.status == 202
    assert world.home.asked[-1] == "/v1/events"


async def test_events__first_origin_away__the_next_takes_them(world: World) -> None:
    world.home.mode = "fails"

    assert (await send_events(world)).status == 202
    assert list(world.far.events) == ["1"]


@pytest.mark.parametrize("mode", ["fails", "stalls", 500, 503])
async def test_events__no_origin__503_and_nothing_acknowledged(world: World, mode: str | int) -> None:
    world.break_origins(mode)
    answered = await send_events(world)

    assert answered.status == 503
    assert int(answered.headers["Retry-After"]) > 0


async def test_events__origin_says_429__so_says_the_edge(world: World) -> None:
    world.break_origins(429)

    assert (await send_events(world)).status == 429
    assert world.far.asked == [], "another origin shares the database that cannot keep up"


async def test_events__that_origins_cannot_store__do_not_stop_evaluation(world: World) -> None:
    """An origin whose database is away answers events with 503, and evaluates from memory all the same."""
    world.break_origins(503)
    for _ in range(5):
        await send_events(world)
    world.break_origins("ok")
    world.commit(a_version(2))

    assert version_of(await world.ask(f"{BOOTSTRAP}?min_version=1-2")) == "v2"


async def test_single__answered_here__is_reported_behind_the_answer(world: World) -> None:
    answered = await look_up(world)
    assert (answered.status, world.home.events) == (200, {})
    await world.background.finish()

    (event,) = world.home.events.values()
    assert event == Exposure(
        id=event.id, flag="release", variant="now", at=NOW_MS, version="1-1", unit="ada", source="edge"
    )
    assert event.id.startswith(f"{ISOLATE}-")
    assert world.home.reports == [f"Bearer {CLIENT_KEY}"]


async def test_singles__within_a_second__share_one_report_per_key(world: World) -> None:
    for number in range(5):
        await look_up(world, {"targetingKey": f"u{number}"})
    await look_up(world, key=SERVER_KEY)
    assert len(world.background.kept) == 1
    await world.background.finish()

    assert len(world.home.events) == 6
    assert world.home.reports == [f"Bearer {CLIENT_KEY}", f"Bearer {SERVER_KEY}"]
    await look_up(world)
    await world.background.finish()
    assert len(world.home.events) == 7


@pytest.mark.parametrize("path", [BULK, BOOTSTRAP, f"{BOOTSTRAP}?format=ofrep"])
async def test_bulk__is_never_an_exposure(world: World, path: str) -> None:
    await look_up(world, path=path)
    await world.background.finish()

    assert (world.home.events, world.background.kept) == ({}, [])


async def test_single__that_serves_nobody_or_nothing__is_none(world: World) -> None:
    await look_up(world, {})
    await look_up(world, path=f"{BULK}/none")
    await world.background.finish()

    assert world.home.reports == []


async def test_single__switched_off__is_none() -> None:
    silent = a_world()
    await silent.ask()
    await look_up(silent)
    await silent.background.finish()

    assert silent.home.reports == []


async def test_single__that_an_origin_answered__is_the_origins_to_count() -> None:
    cold = a_world(reports_exposures=True)
    cold.kv.values.clear()
    assert (await look_up(cold)).status == 200
    await cold.background.finish()

    assert SINGLE in cold.home.asked
    assert cold.home.reports == []


@pytest.mark.parametrize("mode", ["fails", 503, 429])
async def test_report__not_taken__kept_and_made_again_under_the_same_ids(world: World, mode: str | int) -> None:
    world.break_origins(mode)
    await look_up(world)
    await world.background.finish()
    asked = len(world.home.asked)
    await look_up(world, {"targetingKey": "bob"})
    await world.background.finish()
    assert len(world.home.asked) == asked, "not before the pause is over"

    world.break_origins("ok")
    world.clock.pass_ms(REPORT_PAUSE_MS)
    await look_up(world, {"targetingKey": "eve"})
    await world.background.finish()
    assert sorted(event.unit for event in world.home.events.values()) == ["ada", "bob", "eve"]
    assert sorted(world.home.events) == [f"{ISOLATE}-{number}" for number in (1, 2, 3)]


async def test_report__refused_for_good__is_let_go(world: World) -> None:
    world.break_origins(401)
    await look_up(world)
    await world.background.finish()
    world.break_origins("ok")
    await look_up(world, {"targetingKey": "bob"})
    await world.background.finish()

    assert [event.unit for event in world.home.events.values()] == ["bob"]


async def test_report__request_died_with_it__another_takes_over(world: World) -> None:
    await look_up(world)
    world.background.die()
    await asyncio.sleep(0)
    await look_up(world, {"targetingKey": "bob"})
    await world.background.finish()
    assert world.home.events == {}

    world.clock.pass_ms(REPORT_TAKE_OVER_MS)
    await look_up(world, {"targetingKey": "eve"})
    await world.background.finish()
    assert sorted(event.unit for event in world.home.events.values()) == ["ada", "bob", "eve"]


async def test_reports__nobody_takes__memory_stays_bounded(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.break_origins()
    for number in range(KEPT_MOST + 20):
        await look_up(world, {"targetingKey": f"u{number}"})
    assert caplog.text.count("exposures are dropped") == 1
    await world.background.finish()

    world.break_origins("ok")
    world.clock.pass_ms(REPORT_PAUSE_MS)
    await look_up(world)
    await world.background.finish()
    assert len(world.home.events) == KEPT_MOST


async def test_single__unit_past_the_limit__is_answered_and_not_reported(world: World) -> None:
    answered = await look_up(world, {"targetingKey": "u" * 10_000})
    await world.background.finish()

    assert (answered.status, world.home.reports) == (200, [])
