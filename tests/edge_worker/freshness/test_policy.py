"""How old memory may be, who is asked next, and what happens when they fail."""

import asyncio

import pytest

from tests.edge_worker.world import BULK, World, a_world, level_of, version_of
from tests.published import NOW_MS, a_version

pytestmark = pytest.mark.anyio


async def a_warm_world() -> World:
    world = a_world()
    assert version_of(await world.ask()) == "v1"
    world.kv.reads.clear()
    return world


async def test_first_request__reads_kv_and_is_fresh() -> None:
    world = a_world()
    response = await world.ask()
    assert (version_of(response), level_of(response)) == ("v1", 0)
    assert world.kv.manifest_reads == 1
    assert not world.home.asked


async def test_memory__up_to_thirty_seconds__is_served_without_asking() -> None:
    world = await a_warm_world()
    world.clock.pass_ms(30_000)
    response = await world.ask()
    assert level_of(response) == 0
    assert response.headers["Flaghoist-Age"] == "30"
    assert not world.kv.reads


async def test_memory__past_thirty_seconds__is_fresh_already_when_kv_is_quick() -> None:
    world = await a_warm_world()
    world.publish(a_version(2, confirmed_at_ms=NOW_MS + 30_000))
    world.clock.pass_ms(30_001)
    assert version_of(await world.ask()) == "v2"
    assert world.kv.manifest_reads == 1


async def test_memory__past_thirty_seconds__is_served_while_a_slow_kv_is_read_behind() -> None:
    world = await a_warm_world()
    world.publish(a_version(2))
    world.kv.delay = lambda: world.clock.sleep(50)
    world.clock.pass_ms(30_001)
    first = await world.ask()
    assert (version_of(first), level_of(first)) == ("v1", 0)
    await world.background.finish()
    assert version_of(await world.ask()) == "v2"


async def test_memory__past_a_minute__waits_for_a_kv_that_takes_less_than_a_tenth_of_a_second() -> None:
    world = await a_warm_world()
    world.publish(a_version(2, confirmed_at_ms=NOW_MS + 60_000))
    world.kv.delay = lambda: world.clock.sleep(40)
    world.clock.pass_ms(60_001)
    response = await world.ask()
    assert (version_of(response), level_of(response)) == ("v2", 0)


async def test_memory__past_a_minute_and_kv_slow__is_served_and_marked() -> None:
    world = await a_warm_world()
    world.publish(a_version(2))
    world.kv.delay = lambda: world.clock.sleep(500)
    world.clock.pass_ms(60_001)
    before = world.clock.now
    response = await world.ask()
    assert (version_of(response), level_of(response)) == ("v1", 1)
    assert world.clock.now - before == 100
    assert response.headers["Server-Timing"] == "snapshot;dur=100"
    await world.background.finish()
    assert version_of(await world.ask()) == "v2"


async def test_memory__while_one_request_waits__others_are_served_at_once() -> None:
    world = await a_warm_world()
    world.kv.mode = "stalls"
    world.clock.pass_ms(60_001)
    responses = await asyncio.gather(*(world.ask() for _ in range(20)))
    assert {version_of(response) for response in responses} == {"v1"}
    assert world.kv.manifest_reads == 1
    await world.background.finish()


async def test_memory__reader_that_died__does_not_keep_others_from_reading() -> None:
    world = await a_warm_world()
    world.publish(a_version(2))
    world.kv.mode = "stalls"
    world.clock.pass_ms(40_000)
    await world.ask()
    world.background.die()
    world.kv.mode = "ok"
    world.clock.pass_ms(1_000)
    assert version_of(await world.ask()) == "v2"


async def test_refresh__manifest_older_than_the_one_held__is_ignored() -> None:
    world = a_world(a_version(5))
    await world.ask()
    world.kv.put(a_version(4))
    world.clock.pass_ms(31_000)
    assert version_of(await world.ask()) == "v5"


async def test_refresh__new_epoch_with_a_lower_version__is_newer() -> None:
    world = a_world(a_version(5))
    await world.ask()
    world.kv.put(a_version(2, epoch=2))
    world.clock.pass_ms(31_000)
    assert version_of(await world.ask()) == "v2"


async def test_refresh__unchanged_shards__are_not_read_again() -> None:
    world = await a_warm_world()
    world.confirm()
    world.clock.pass_ms(31_000)
    await world.ask()
    assert len(world.kv.reads) == world.kv.manifest_reads == 1


@pytest.mark.parametrize("mode", ["fails", "stalls"])
async def test_kv_away__origin_confirms__memory_stays_fresh(mode: str) -> None:
    world = await a_warm_world()
    world.kv.mode = mode
    for _ in range(6):
        world.clock.pass_ms(31_000)
        assert version_of(await world.ask()) == "v1"
        await world.background.finish()
    assert level_of(await world.ask()) == 0
    assert world.home.asked.count("/v1/edge/production/manifest") == 6


async def test_kv_away__origin_has_a_newer_version__it_is_taken_from_there() -> None:
    world = await a_warm_world()
    world.kv.mode = "fails"
    world.commit(a_version(2))
    world.clock.pass_ms(31_000)
    assert version_of(await world.ask()) == "v2"


async def test_kv_and_origins_away__last_known_good_is_served_and_marked() -> None:
    world = await a_warm_world()
    world.kv.mode = "fails"
    world.break_origins()
    levels = []
    for _ in range(4):
        world.clock.pass_ms(31_000)
        response = await world.ask()
        assert version_of(response) == "v1"
        levels.append(level_of(response))
    assert levels == [3, 3, 3, 3]
    assert response.headers["Flaghoist-Age"] == "124"


async def test_everything_away_for_long__recovers_by_itself() -> None:
    world = await a_warm_world()
    world.kv.mode = "fails"
    world.break_origins("stalls")
    for _ in range(5):
        world.clock.pass_ms(60_000)
        await world.ask()
        await world.background.finish()
    world.kv.mode = "ok"
    world.break_origins("ok")
    world.publish(a_version(2))
    world.confirm()
    world.clock.pass_ms(1_000)
    response = await world.ask()
    assert (version_of(response), level_of(response)) == ("v2", 0)


async def test_manifest_unconfirmed__origin_is_asked_once_per_ttl() -> None:
    world = await a_warm_world()
    world.clock.pass_ms(91_000)
    for _ in range(10):
        await world.ask()
    manifest = "/v1/edge/production/manifest"
    assert world.home.asked == [manifest]
    assert level_of(await world.ask()) == 0
    for _ in range(9):
        world.clock.pass_ms(10_000)
        await world.ask()
    assert world.home.asked == [manifest]
    world.clock.pass_ms(1_000)
    await world.ask()
    assert world.home.asked == [manifest] * 2


async def test_lost_push__is_found_though_kv_looks_healthy() -> None:
    world = await a_warm_world()
    world.commit(a_version(2))
    waited_ms = 0
    while version_of(await world.ask()) == "v1":
        world.clock.pass_ms(5_000)
        waited_ms += 5_000
        assert waited_ms <= 120_000
    assert level_of(await world.ask()) == 0


async def test_corrupt_shard_in_kv__is_fetched_from_the_origin() -> None:
    world = a_world()
    shard = next(key for key in world.kv.values if key.startswith("s:"))
    world.kv.values[shard] = b"garbage"
    assert version_of(await world.ask()) == "v1"
    assert world.home.asked == ["/v1/edge/production/shards/" + shard.rpartition(":")[2]]


async def test_shard_unknown_to_kv__is_fetched_from_the_origin() -> None:
    world = await a_warm_world()
    second = a_version(2)
    world.commit(second)
    world.kv.values["m:production"] = second.values()["m:production"]
    world.clock.pass_ms(31_000)
    response = await world.ask()
    assert (version_of(response), level_of(response)) == ("v2", 0)


async def test_shard_found_nowhere__what_is_held_stays() -> None:
    world = await a_warm_world()
    world.kv.values["m:production"] = a_version(2).values()["m:production"]
    world.break_origins()
    world.clock.pass_ms(31_000)
    assert version_of(await world.ask()) == "v1"


async def test_origin_with_a_false_shard__what_is_held_stays() -> None:
    world = await a_warm_world()
    second = a_version(2)
    world.kv.values["m:production"] = second.values()["m:production"]
    world.home.snapshot = type(second)(second.manifest, dict.fromkeys(second.blobs, b"false"))
    world.clock.pass_ms(31_000)
    assert version_of(await world.ask()) == "v1"
    assert b"does not match its hash" in (await world.get("/healthz")).body


async def test_malformed_manifest__what_is_held_stays() -> None:
    world = await a_warm_world()
    world.kv.values["m:production"] = b'{"format": 1}'
    world.clock.pass_ms(31_000)
    assert version_of(await world.ask()) == "v1"
    assert b"cannot be read" in (await world.get("/healthz")).body


async def test_nothing_held_and_kv_empty__origin_answers_and_its_snapshot_is_loaded_behind() -> None:
    world = a_world()
    world.kv.values.clear()
    first = await world.ask(cf={"country": "DE", "asn": 64496})
    assert (version_of(first), level_of(first)) == ("v1", 2)
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Server-Timing"].startswith("origin;dur=")
    assert world.home.edge_attributes == [{"edge.asn": 64496, "edge.bot": False, "edge.country": "DE"}]
    await world.background.finish()
    second = await world.ask()
    assert (version_of(second), level_of(second)) == ("v1", 0)


@pytest.mark.parametrize("mode", ["fails", "stalls"])
async def test_nothing_held_and_kv_away__origins_are_asked_in_order(mode: str) -> None:
    world = a_world()
    world.kv.mode = mode
    world.home.mode = "stalls"
    response = await world.ask()
    assert (version_of(response), level_of(response)) == ("v1", 2)
    assert "/v1/bootstrap" in world.home.asked
    assert "/v1/bootstrap" in world.far.asked
    await world.background.finish()


async def test_nothing_held_and_origin_answers_with_an_error_of_the_callers__it_is_relayed() -> None:
    world = a_world()
    world.kv.values.clear()
    response = await world.ask(key="fh_client_production_" + "x" * 43)
    assert response.status == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert not world.far.asked
    await world.background.finish()


async def test_nothing_anywhere__bootstrap_gets_defaults_and_ofrep_503() -> None:
    world = a_world()
    world.kv.mode = "fails"
    world.break_origins(503)
    bootstrap = await world.ask()
    assert (version_of(bootstrap), level_of(bootstrap)) == ("", 4)
    assert "ETag" not in bootstrap.headers
    bulk = await world.ask(BULK)
    assert (bulk.status, bulk.headers["Retry-After"], level_of(bulk)) == (503, "5", 4)
    await world.background.finish()


async def test_nothing_held__recovers_once_kv_is_back() -> None:
    world = a_world()
    world.kv.mode = "fails"
    world.break_origins()
    assert level_of(await world.ask()) == 4
    world.kv.mode = "ok"
    world.clock.pass_ms(1_000)
    assert version_of(await world.ask()) == "v1"
    await world.background.finish()


async def test_first_requests_at_the_same_time__all_are_answered() -> None:
    world = a_world()
    world.kv.delay = lambda: world.clock.sleep(30)
    responses = await asyncio.gather(*(world.ask() for _ in range(50)))
    assert {(version_of(response), level_of(response)) for response in responses} == {("v1", 0)}
    assert len(world.kv.reads) == 2


async def test_first_request_met_a_stalling_kv__next_ones_do_not_wait_for_it() -> None:
    world = a_world()
    world.kv.mode = "stalls"
    world.break_origins()
    await world.ask()
    before = world.clock.now
    for _ in range(3):
        assert level_of(await world.ask()) == 4
    assert world.clock.now == before
    world.clock.pass_ms(1_000)
    responses = await asyncio.gather(*(world.ask() for _ in range(5)))
    assert {level_of(response) for response in responses} == {4}
    assert world.kv.manifest_reads == 2
    await world.background.finish()


async def test_first_reader_dies__next_request_reads_itself() -> None:
    world = a_world()
    world.kv.mode = "stalls"
    dying = asyncio.create_task(world.ask())
    await asyncio.sleep(0)
    dying.cancel()
    world.kv.mode = "ok"
    world.clock.pass_ms(1_500)
    assert version_of(await world.ask()) == "v1"


async def test_first_requests_while_kv_is_empty__all_are_answered_after_one_read() -> None:
    world = a_world()
    world.kv.values.clear()
    world.kv.delay = lambda: world.clock.sleep(30)
    responses = await asyncio.gather(*(world.ask() for _ in range(20)))
    assert {version_of(response) for response in responses} == {"v1"}
    assert level_of(responses[0]) == 2
    assert len(world.kv.reads) == 1
    assert world.home.asked.count("/v1/edge/production/manifest") == 1
    await world.background.finish()
