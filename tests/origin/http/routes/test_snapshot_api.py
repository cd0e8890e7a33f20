"""The whole environment at once: read, put back, replaced, all or nothing."""

import json
import time

import pytest

from tests.origin.an_origin import AnOrigin, a_document

pytestmark = pytest.mark.anyio


async def arrange(origin: AnOrigin) -> None:
    await origin.put("/segments/staff", {"included": ["ada"]})
    await origin.put("/groups/exclusive", {})
    await origin.put("/flags/b", a_document(group={"key": "exclusive", "range": [0, 10]}))
    clause = {"op": "in_segment", "values": ["staff"]}
    await origin.put("/flags/a", a_document(rules=[{"id": "r", "clauses": [clause], "serve": {"variation": "on"}}]))


async def test_get__environment__lists_sorted_with_etag(origin: AnOrigin) -> None:
    await arrange(origin)

    response = await origin.get("/snapshot", kind="server")

    body = response.json()
    assert (body["environment"], body["epoch"], body["version"]) == ("production", 1, 4)
    assert [flag["key"] for flag in body["flags"]] == ["a", "b"]
    assert [item["key"] for item in (*body["segments"], *body["groups"])] == ["staff", "exclusive"]
    assert response.headers["etag"] == '"1-4"'
    assert response.headers["flaghoist-version"] == "1-4"


async def test_put__body_as_read__changes_nothing(origin: AnOrigin) -> None:
    await arrange(origin)
    read = await origin.get("/snapshot")

    response = await origin.put("/snapshot", read.json(), if_match=read.headers["etag"])

    assert response.status_code == 200
    assert response.json() == read.json()
    assert "snapshot" not in await origin.audit_targets()


async def test_put__one_flag_differs__others_keep_their_version(origin: AnOrigin) -> None:
    await arrange(origin)
    body = (await origin.get("/snapshot")).json()
    body["flags"][0]["description"] = "changed"

    response = await origin.put("/snapshot", body, if_match='"1-4"')

    assert response.headers["etag"] == '"1-5"'
    assert [flag["version"] for flag in response.json()["flags"]] == [2, 1]
    assert (await origin.audit_targets())[:3] == ["snapshot", "flags/a", "flags/a"]


async def test_put__fewer__removes_the_rest(origin: AnOrigin) -> None:
    await arrange(origin)

    response = await origin.put("/snapshot", {"flags": [a_document(key="new")]}, if_match="*")

    body = response.json()
    assert ([flag["key"] for flag in body["flags"]], body["segments"], body["groups"]) == (["new"], [], [])
    assert (await origin.get("/flags/a")).status_code == 404
    entry = (await origin.get("/audit?limit=1")).json()["items"][0]
    assert entry["after"] == {"created": 1, "removed": 4}
    held = origin.services.environments.get("production").record
    assert await origin.store.load("production") == held


async def test_put__flag_returns__its_version_goes_on(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())
    await origin.put("/snapshot", {"flags": []}, if_match="*")

    response = await origin.put("/snapshot", {"flags": [a_document(key="a")]}, if_match="*")

    assert response.json()["flags"][0]["version"] == 2


async def test_put__one_fault__nothing_written(origin: AnOrigin) -> None:
    await arrange(origin)
    before = await origin.get("/snapshot")
    flags = [a_document(key="x"), a_document(key="y", off_variation="none")]

    response = await origin.put("/snapshot", {"flags": flags}, if_match="*")

    assert response.status_code == 400
    assert response.json()["path"] == "$.flags[1].off_variation"
    assert (await origin.get("/snapshot")).json() == before.json()


async def test_put__same_key_twice__refused(origin: AnOrigin) -> None:
    response = await origin.put("/snapshot", {"flags": [a_document(key="a"), a_document(key="a")]}, if_match="*")

    assert response.status_code == 400
    assert response.json()["path"] == "$.flags[1].key"


async def test_put__server_key__may_not(origin: AnOrigin) -> None:
    response = await origin.request("PUT", "/snapshot", {"flags": []}, kind="server", if_match="*")

    assert response.status_code == 403


@pytest.mark.slow
async def test_put__ten_thousand_flags__written_and_one_changed_quickly(origin: AnOrigin) -> None:
    flags = [a_document(key=f"flag-{n:05}", description="x" * 200) for n in range(10_000)]
    body = json.dumps({"flags": flags}).encode()

    started = time.perf_counter()
    response = await origin.send("PUT", "/snapshot", body)
    put_seconds = time.perf_counter() - started
    started = time.perf_counter()
    changed = await origin.patch("/flags/flag-00077", {"on": False})
    patch_seconds = time.perf_counter() - started

    print(f"put {put_seconds:.2f} s, patch {patch_seconds * 1000:.0f} ms")  # noqa: T201
    assert (response.status_code, changed.status_code) == (200, 200)
    assert changed.headers["flaghoist-version"] == "1-2"
