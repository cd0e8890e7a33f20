"""The version fence: a caller that names a version gets it, or an answer that says it is older."""

import asyncio

import pytest

from flaghoist_edge.ports.timing import FENCE_KV_PATIENCE_MS
from tests.edge_worker.world import BOOTSTRAP, BULK, World, a_world, level_of, version_of
from tests.published import UNKNOWN_KEY, a_version

pytestmark = pytest.mark.anyio

MANIFEST = "/v1/edge/production/manifest"


async def a_warm_world() -> World:
    world = a_world()
    await world.ask()
    world.kv.reads.clear()
    return world


async def test_fence__version_in_memory__asks_nobody() -> None:
    world = await a_warm_world()
    assert version_of(await world.ask(f"{BOOTSTRAP}?min_version=1-1")) == "v1"
    assert not world.kv.reads
    assert not world.home.asked


async def test_fence__version_in_kv__is_read_past_memory() -> None:
    world = await a_warm_world()
    world.publish(a_version(2))
    assert version_of(await world.ask(f"{BOOTSTRAP}?min_version=2")) == "v2"
    assert not world.home.asked


@pytest.mark.parametrize("floor", ["min_version=1-2", "flagConfigEtag=1-2", "min_version=2"])
async def test_fence__kv_lags__version_comes_from_the_origin_and_is_evaluated_here(floor: str) -> None:
    world = await a_warm_world()
    world.commit(a_version(2))
    response = await world.ask(f"{BOOTSTRAP}?{floor}")
    assert (version_of(response), level_of(response)) == ("v2", 0)
    assert "Flaghoist-Notes" not in response.headers
    assert BOOTSTRAP not in world.home.asked


async def test_fence__kv_stalls__the_origin_is_asked_soon() -> None:
    world = await a_warm_world()
    world.commit(a_version(2))
    world.kv.mode = "stalls"
    before = world.clock.now
    assert version_of(await world.ask(f"{BOOTSTRAP}?min_version=2")) == "v2"
    assert world.clock.now - before <= 500


async def test_fence__loading_takes_longer_than_kvs_patience__is_done_to_the_end() -> None:
    world = await a_warm_world()
    world.publish(a_version(2))
    world.break_origins()
    world.kv.delay = lambda: world.clock.sleep(FENCE_KV_PATIENCE_MS - 10)
    assert version_of(await world.ask(f"{BOOTSTRAP}?min_version=2")) == "v2"


async def test_fence__beyond_the_origins_latest__is_answered_from_memory_and_marked() -> None:
    world = await a_warm_world()
    response = await world.ask(f"{BULK}?flagConfigEtag=1-999999")
    assert response.status == 200
    assert response.headers["Flaghoist-Notes"] == "behind-floor"
    assert b'"notes":"behind-floor"' in response.body
    assert world.home.asked == [MANIFEST]


async def test_fence__absurd_floors__cost_the_origin_one_request_a_second() -> None:
    world = await a_warm_world()
    for number in range(30):
        await world.ask(f"{BOOTSTRAP}?min_version={999_999 + number}")
    assert world.home.asked == [MANIFEST]
    world.clock.pass_ms(1_000)
    await world.ask(f"{BOOTSTRAP}?min_version=999999")
    assert world.home.asked == [MANIFEST] * 2


async def test_fence__next_version_just_after_the_last__comes_as_well() -> None:
    world = await a_warm_world()
    world.commit(a_version(2))
    assert version_of(await world.ask(f"{BOOTSTRAP}?min_version=2")) == "v2"
    world.clock.pass_ms(20)
    world.commit(a_version(3))
    before = world.clock.now
    response = await world.ask(f"{BOOTSTRAP}?min_version=3")
    assert (version_of(response), "Flaghoist-Notes" in response.headers) == ("v3", False)
    assert world.clock.now - before <= 100


async def test_fence__next_version_that_nobody_has_committed__is_answered_soon_and_marked() -> None:
    world = await a_warm_world()
    for _ in range(3):
        before = world.clock.now
        response = await world.ask(f"{BOOTSTRAP}?min_version=2")
        assert (version_of(response), response.headers["Flaghoist-Notes"]) == ("v1", "behind-floor")
        assert world.clock.now - before <= 110
    assert world.home.asked == [MANIFEST] * 3


async def test_fence__one_who_asks_dies__another_asks() -> None:
    world = await a_warm_world()
    world.commit(a_version(2))
    world.home.mode = "stalls"
    dying = asyncio.create_task(world.ask(f"{BOOTSTRAP}?min_version=2"))
    for _ in range(20):
        await asyncio.sleep(0)
    dying.cancel()
    world.home.mode = "ok"
    assert version_of(await world.ask(f"{BOOTSTRAP}?min_version=2")) == "v2"


async def test_fence__many_callers_at_once__one_asks_and_all_get_it() -> None:
    world = await a_warm_world()
    world.commit(a_version(2))
    world.kv.delay = lambda: world.clock.sleep(30)
    responses = await asyncio.gather(*(world.ask(f"{BOOTSTRAP}?min_version=2") for _ in range(50)))
    assert {version_of(response) for response in responses} == {"v2"}
    assert world.home.asked.count(MANIFEST) == 1


async def test_fence__origins_away__memory_is_served_and_marked() -> None:
    world = await a_warm_world()
    world.break_origins()
    response = await world.ask(f"{BOOTSTRAP}?min_version=2")
    assert (version_of(response), response.headers["Flaghoist-Notes"]) == ("v1", "behind-floor")


async def test_fence__caller_without_a_valid_key__causes_one_look_for_keys_alone() -> None:
    world = await a_warm_world()
    for _ in range(5):
        assert (await world.ask(f"{BOOTSTRAP}?min_version=2", key=UNKNOWN_KEY)).status == 401
    assert world.home.asked == [MANIFEST]
    assert not world.kv.reads


async def test_fence__other_configuration_expected__is_never_304() -> None:
    world = await a_warm_world()
    etag = (await world.ask(BULK)).headers["ETag"]
    headers = {"if-none-match": etag}
    assert (await world.ask(BULK, headers=headers)).status == 304
    assert (await world.ask(f"{BULK}?flagConfigEtag=1-1", headers=headers)).status == 304
    assert (await world.ask(f"{BULK}?flagConfigEtag=1-0", headers=headers)).status == 200
