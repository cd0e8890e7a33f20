"""The snapshot since a version: what changed and nothing else, or all of it where the log does not reach back."""

import pytest
from sqlalchemy import delete

from flaghoist_origin.storage.database.tables import VERSION_LOG
from tests.origin.an_origin import AnOrigin, a_document, an_origin

pytestmark = pytest.mark.anyio


@pytest.fixture
async def written(origin: AnOrigin) -> AnOrigin:
    """Return an origin at 1-7: `a` was changed twice, `b` and `staff` once, and `staff` is gone."""
    await origin.put("/flags/a", a_document())
    await origin.put("/flags/b", a_document())
    await origin.put("/segments/staff", {"included": ["ada"]})
    await origin.put("/groups/layer", {})
    await origin.patch("/flags/a", {"description": "first"})
    await origin.patch("/flags/a", {"description": "second"})
    await origin.delete("/segments/staff")
    return origin


async def test_since__older__latest_of_each_once_and_what_is_gone(written: AnOrigin) -> None:
    answered = await written.get("/snapshot?since=1-3", kind="server")

    body = answered.json()
    assert [(flag["key"], flag["description"]) for flag in body.pop("flags")] == [("a", "second")]
    assert [group["key"] for group in body.pop("groups")] == ["layer"]
    assert body == {
        "environment": "production",
        "epoch": 1,
        "version": 7,
        "since": "1-3",
        "segments": [],
        "removed": {"flags": [], "segments": ["staff"], "groups": []},
    }
    assert answered.headers["etag"] == '"1-7"'


async def test_since__applied_to_what_was_held__is_the_snapshot(written: AnOrigin) -> None:
    before = (await written.get("/snapshot")).json()
    await written.put("/flags/c", a_document())
    await written.patch("/flags/b", {"on": False})
    patch = (await written.get("/snapshot?since=7")).json()

    flags = {flag["key"]: flag for flag in [*before["flags"], *patch["flags"]]}
    after = {**before, "version": 9, "flags": [flags[key] for key in sorted(flags)]}
    assert after == (await written.get("/snapshot")).json()


async def test_since__current__nothing_changed(written: AnOrigin) -> None:
    body = (await written.get("/snapshot?since=1-7")).json()

    assert (body["flags"], body["segments"], body["groups"], body["since"]) == ([], [], [], "1-7")


@pytest.mark.parametrize("since", ["1-2", "1-99", "2-1", "0-0"])
async def test_since__past_the_log_ahead_or_another_epoch__all_of_it(written: AnOrigin, since: str) -> None:
    async with written.store._database.writing() as connection:
        await connection.execute(delete(VERSION_LOG).where(VERSION_LOG.c.version < 5))

    body = (await written.get(f"/snapshot?since={since}")).json()

    assert body == (await written.get("/snapshot")).json()
    assert "since" not in body


async def test_since__version_of_another_origin__is_fetched(written: AnOrigin) -> None:
    async with an_origin(written.folder, prepared=written.prepared) as other:
        await other.patch("/flags/a", {"description": "third"})

    body = (await written.get("/snapshot?since=1-8")).json()

    assert (body["version"], body["flags"]) == (8, [])


@pytest.mark.parametrize("since", ["", "yesterday", "-1", "1-2-3", "1&since=2"])
async def test_since__malformed__refused(written: AnOrigin, since: str) -> None:
    assert (await written.get(f"/snapshot?since={since}")).status_code == 400
