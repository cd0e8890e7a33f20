"""What is held in memory: replaced as a whole after each commit, here or at another origin."""

import asyncio

import pytest

from flaghoist.errors import LimitExceeded, NotFound
from flaghoist.limits import SNAPSHOT_BYTES
from flaghoist_origin.control.edits import Place
from flaghoist_origin.keys.access import identify
from flaghoist_origin.storage.database.records import SYSTEM
from tests.origin.an_origin import AnOrigin, a_document, an_origin
from tests.origin.subscribers import tell_after_commit

pytestmark = pytest.mark.anyio


async def test_state__after_a_write__is_the_new_one_and_the_old_one_unchanged(origin: AnOrigin) -> None:
    environments = origin.services.environments
    before = environments.get("production")

    await origin.put("/flags/a", a_document())

    after = environments.get("production")
    assert before.record.flagset.flags == {}
    assert before.serving.loaded.engine.keys == ()
    assert after.serving.loaded.engine.keys == ("a",)
    assert after.serving.manifest.version == after.record.version == 1
    assert after.manifest(42).confirmed_at_ms == 42
    assert {ref.hash for ref in after.manifest(42).shards} <= set(after.packing.packed.blobs)


async def test_state__write_that_changes_nothing__stays(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())
    held = origin.services.environments.get("production")

    await origin.put("/flags/a", a_document(), if_match="*")

    assert origin.services.environments.get("production") is held


async def test_state__commit_of_another_origin__is_followed(origin: AnOrigin) -> None:
    folder = origin.services.settings.data_dir
    from_outside: list[str] = []
    tell_after_commit(origin.services.environments, from_outside.append)
    async with an_origin(origin.folder, prepared=origin.prepared) as other:
        assert other.services.settings.data_dir == folder
        await other.put("/flags/a", a_document())

    await origin.services.environments.refresh_all()

    assert (await origin.get("/flags/a")).status_code == 200
    assert from_outside == ["production"]


async def test_write__other_origin_wrote_meanwhile__sees_its_flags(origin: AnOrigin) -> None:
    async with an_origin(origin.folder, prepared=origin.prepared) as other:
        await other.put("/flags/api", a_document())

        response = await origin.put("/flags/a", a_document(prerequisites=[{"flag": "api", "variations": ["on"]}]))

    assert response.status_code == 201
    assert response.headers["flaghoist-version"] == "1-2"
    assert (await origin.get("/flags/api")).status_code == 200


async def test_key__revoked_at_another_origin__opens_nothing_after_a_refresh(origin: AnOrigin) -> None:
    server = next(key for key in (await origin.get("/keys")).json()["items"] if key["kind"] == "server")
    async with an_origin(origin.folder, prepared=origin.prepared) as other:
        await other.delete(f"/keys/{server['id']}")

    await origin.services.environments.refresh_all()

    assert (await origin.get("/flags", kind="server")).status_code == 401


async def test_refresh__environment_created_elsewhere__appears(origin: AnOrigin) -> None:
    with pytest.raises(NotFound):
        origin.services.environments.get("staging")

    await origin.store.create_environment("staging")
    await origin.services.environments.refresh_all()

    assert origin.services.environments.names == ("production", "staging")


async def test_write__snapshot_too_large_for_an_edge__refused_and_nothing_written(origin: AnOrigin) -> None:
    value = {f"v{n}": "x" * 60_000 for n in range(100)}
    document = a_document(variations=value, off_variation="v0", fallthrough={"variation": "v0"})
    for n in range(SNAPSHOT_BYTES.value // 6_000_000):
        assert (await origin.put(f"/flags/f{n}", document)).status_code == 201
    version = await origin.version()

    response = await origin.put("/flags/one-too-many", document)

    assert response.status_code == 413
    assert response.json()["limit"] == SNAPSHOT_BYTES.name
    assert await origin.version() == version
    assert LimitExceeded.slug in response.json()["type"]


async def test_readers__during_writes__see_whole_states(origin: AnOrigin) -> None:
    pair = [a_document(key="a", description="0"), a_document(key="b", description="0")]
    await origin.put("/snapshot", {"flags": pair}, if_match="*")

    async def write() -> None:
        for n in range(1, 8):
            flags = [{**flag, "description": str(n)} for flag in pair]
            assert (await origin.put("/snapshot", {"flags": flags}, if_match="*")).status_code == 200

    async def read() -> None:
        for _ in range(40):
            flags = (await origin.get("/snapshot")).json()["flags"]
            assert flags[0]["description"] == flags[1]["description"]

    await asyncio.gather(write(), read(), read())


def test_place__names__for_people_and_for_the_log() -> None:
    place = Place("segments", "staff")

    assert (place.subject, place.target) == ("segment staff", "segments/staff")


async def test_identify__author__is_the_key(origin: AnOrigin) -> None:
    headers = {"authorization": f"Bearer {origin.keys['admin']}"}

    caller = identify(headers, origin.services.environments, origin.clock.now_ms())

    assert caller.author("why").comment == "why"
    assert caller.author("").id != SYSTEM.id
