"""Rollback: an earlier version's content as a new version, out of what the audit log knows."""

import random
from typing import Any

import pytest

from tests.origin.an_origin import AnOrigin, a_document

pytestmark = pytest.mark.anyio


async def contents(origin: AnOrigin, path: str = "/snapshot") -> dict[str, Any]:
    """Return flags, segments and groups without the versions that the origin counts."""
    document = (await origin.get(path)).json()
    return {
        name: [{member: value for member, value in entity.items() if member != "version"} for entity in document[name]]
        for name in ("flags", "segments", "groups")
    }


async def roll_back(origin: AnOrigin, to: str, if_match: str | None = "*") -> Any:
    return await origin.request("POST", "/rollback", {"to": to}, if_match=if_match)


async def write_at_random(origin: AnOrigin, draw: random.Random) -> None:
    key = draw.choice("abcd")
    writes = {
        "put": lambda: origin.put(f"/flags/{key}", a_document(on=draw.random() < 0.5), "*"),
        "archive": lambda: origin.delete(f"/flags/{key}"),
        "segment": lambda: origin.put(f"/segments/{key}", {"included": [str(draw.random())]}, "*"),
        "remove": lambda: origin.delete(f"/segments/{key}"),
    }
    response = await writes[draw.choice(list(writes))]()
    if response.status_code == 412:
        await origin.put(f"/flags/{key}", a_document())
        await origin.put(f"/segments/{key}", {})


async def test_rollback__every_earlier_version__its_content_as_a_new_one(origin: AnOrigin) -> None:
    draw = random.Random(4)
    held = {0: await contents(origin)}
    while await origin.version() < 25:
        await write_at_random(origin, draw)
        held[await origin.version()] = await contents(origin)

    for version, expected in held.items():
        assert await contents(origin, f"/versions/1-{version}") == expected
    for version in draw.sample(sorted(held), 8):
        before = await origin.version()
        response = await roll_back(origin, f"1-{version}")
        assert response.status_code == 200
        assert await contents(origin) == held[version]
        assert await origin.version() in {before, before + 1}


async def test_rollback__is_written_down(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())
    await origin.patch("/flags/a", {"on": False})

    await origin.request("POST", "/rollback", {"to": "1"}, if_match="*", headers={"Flaghoist-Comment": "too slow"})

    summary, flag = (await origin.get("/audit?limit=2")).json()["items"]
    assert (summary["action"], summary["target"], summary["comment"]) == ("rolled_back", "snapshot", "too slow")
    assert summary["after"] == {"to": "1-1", "updated": 1}
    assert (flag["before"]["on"], flag["after"]["on"], flag["after"]["version"]) == (False, True, 3)


async def test_rollback__to_the_present__makes_no_version(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())

    assert (await roll_back(origin, "1-1")).headers["flaghoist-version"] == "1-1"


async def test_rollback__of_a_rollback__brings_back(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())
    latest = await contents(origin)

    await roll_back(origin, "0")
    assert (await contents(origin))["flags"] == []
    await roll_back(origin, "1")

    assert await contents(origin) == latest


async def test_rollback__behind_a_raised_epoch__found_by_its_epoch(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())
    await origin.store.raise_epoch("production", 7)
    await origin.services.environments.refresh("production")
    await origin.patch("/flags/a", {"on": False})

    assert (await roll_back(origin, "1")).status_code == 404
    assert (await roll_back(origin, "1-1")).headers["flaghoist-version"] == "7-4"
    assert (await origin.get("/flags/a")).json()["on"]


@pytest.mark.parametrize(
    ("to", "status"), [("1-9", 404), ("2-1", 404), ("9" * 18, 404), ("9" * 19, 400), ("latest", 400), ("", 400)]
)
async def test_rollback__no_such_version__refused(origin: AnOrigin, to: str, status: int) -> None:
    await origin.put("/flags/a", a_document())

    assert (await roll_back(origin, to)).status_code == status


@pytest.mark.parametrize(("if_match", "status"), [(None, 428), ('"1-0"', 412), ('"1-2"', 200)])
async def test_rollback__precondition__as_for_the_snapshot(origin: AnOrigin, if_match: str | None, status: int) -> None:
    await origin.put("/flags/a", a_document())
    await origin.patch("/flags/a", {"on": False})

    assert (await roll_back(origin, "1", if_match)).status_code == status


async def test_rollback__other_members__refused(origin: AnOrigin) -> None:
    response = await origin.request("POST", "/rollback", {"to": "1", "dry_run": True}, if_match="*")

    assert response.status_code == 400
