"""Workers and origins of different ages: a newer snapshot format, an older one, keys that changed alone."""

import msgspec
import pytest

from flaghoist.snapshot import manifest
from flaghoist.snapshot.manifest import FORMAT, encode_manifest
from tests.builders import a_flag, a_rollout
from tests.edge_worker.world import a_world, level_of, version_of
from tests.published import NOW_MS, SERVER_KEY, UNKNOWN_KEY, a_key_ref, a_version, published

pytestmark = pytest.mark.anyio


async def test_newer_format__worker_keeps_serving_and_says_so() -> None:
    world = a_world()
    await world.ask()
    world.publish(a_version(2).but(format=FORMAT + 1))
    world.clock.pass_ms(31_000)
    response = await world.ask()
    assert (version_of(response), response.headers["Flaghoist-Notes"]) == ("v1", "newer-format")
    health = msgspec.json.decode((await world.get("/healthz")).body)["environments"]["production"]
    assert health["notes"] == ["newer-format"]
    assert "deploy the newer Worker first" in health["kv_fault"]
    world.publish(a_version(3))
    world.clock.pass_ms(31_000)
    response = await world.ask()
    assert version_of(response) == "v3"
    assert "Flaghoist-Notes" not in response.headers


async def test_newer_format__nothing_held__origin_answers() -> None:
    world = a_world()
    world.kv.put(a_version(2).but(format=FORMAT + 1))
    response = await world.ask()
    assert (version_of(response), level_of(response)) == ("v1", 2)
    await world.background.finish()


async def test_draw_by_mix__older_worker__keeps_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()
    await world.ask()
    release = a_flag("release").client_visible().variations("now", now="v2").on()
    split = a_flag("split").on().fallthrough(a_rollout(algorithm="mix", on=100_000))
    with monkeypatch.context() as older:
        older.setattr(manifest, "FORMAT", FORMAT - 1)
        world.publish(published(release, split, version=2))
        world.clock.pass_ms(31_000)
        response = await world.ask()
        assert (version_of(response), response.headers["Flaghoist-Notes"]) == ("v1", "newer-format")
    world.clock.pass_ms(31_000)
    assert version_of(await world.ask()) == "v2"


async def test_older_format_and_unknown_members__newer_worker_reads_them() -> None:
    world = a_world()
    written = msgspec.json.decode(encode_manifest(a_version(2).but(format=FORMAT - 1).manifest))
    later = {**written, "a_member_of_tomorrow": {"x": 1}}
    world.kv.put(a_version(2))
    world.kv.values["m:production"] = msgspec.json.encode(later)
    assert version_of(await world.ask()) == "v2"


async def test_shard_that_a_newer_origin_wrote_otherwise__what_is_held_stays() -> None:
    world = a_world()
    await world.ask()
    second = a_version(2)
    world.break_origins()
    alien = msgspec.msgpack.encode([[1, 2, 3]])
    world.kv.put(type(second)(second.manifest, dict.fromkeys(second.blobs, alien)))
    world.clock.pass_ms(31_000)
    assert version_of(await world.ask()) == "v1"


async def test_keys_changed_alone__later_confirmation_of_the_same_version_brings_them() -> None:
    world = a_world()
    assert (await world.ask(key=SERVER_KEY)).status == 200
    keys = world.home.snapshot.manifest.keys[:1]
    world.publish(a_version(1).but(keys=keys, confirmed_at_ms=NOW_MS + 1))
    world.clock.pass_ms(31_000)
    assert (await world.ask(key=SERVER_KEY)).status == 401
    world.kv.put(a_version(1))
    world.clock.pass_ms(31_000)
    assert (await world.ask(key=SERVER_KEY)).status == 401


async def test_key_made_just_now__is_found_at_the_origin() -> None:
    world = a_world()
    assert (await world.ask(key=UNKNOWN_KEY)).status == 401
    keys = (*world.home.snapshot.manifest.keys, a_key_ref("client", UNKNOWN_KEY))
    world.commit(a_version(1).but(keys=keys))
    assert (await world.ask(key=UNKNOWN_KEY)).status == 401
    world.clock.pass_ms(5_000)
    assert (await world.ask(key=UNKNOWN_KEY)).status == 200
