"""Segments and groups over HTTP, and that nothing in use can be removed."""

import pytest

from tests.origin.an_origin import AnOrigin, a_document

pytestmark = pytest.mark.anyio

USED_BY_FLAG = {"id": "r", "clauses": [{"op": "in_segment", "values": ["staff"]}], "serve": {"variation": "on"}}


@pytest.mark.parametrize("path", ["/segments/staff", "/groups/staff"])
async def test_entity__put_patch_delete__versions_count(origin: AnOrigin, path: str) -> None:
    created = await origin.put(path, {"description": "one"})
    read = await origin.get(path, kind="server")
    again = await origin.put(path, read.json(), if_match=read.headers["etag"])
    patched = await origin.patch(path, {"description": "two"}, if_match='"1"')
    removed = await origin.delete(path, if_match='"2"')

    assert (created.status_code, again.status_code, patched.status_code, removed.status_code) == (201, 200, 200, 200)
    assert again.json() == created.json() == read.json()
    assert patched.json()["version"] == 2
    assert removed.json()["description"] == "two"
    assert removed.headers["flaghoist-version"] == "1-3"
    assert (await origin.get(path)).status_code == 404


async def test_group__without_salt__gets_one_and_keeps_it(origin: AnOrigin) -> None:
    created = (await origin.put("/groups/g", {})).json()

    kept = (await origin.put("/groups/g", {"description": "x"}, if_match="*")).json()

    assert created["salt"]
    assert kept["salt"] == created["salt"]


async def test_delete__segment_in_use__names_its_users(origin: AnOrigin) -> None:
    await origin.put("/segments/staff", {})
    await origin.put("/segments/all", {"rules": [USED_BY_FLAG["clauses"]]})
    await origin.put("/flags/checkout", a_document(rules=[USED_BY_FLAG]))

    response = await origin.delete("/segments/staff")

    assert response.status_code == 409
    assert "checkout" in response.json()["detail"]
    assert "all" in response.json()["detail"]
    assert await origin.version() == 3


async def test_delete__group_in_use__names_its_users(origin: AnOrigin) -> None:
    await origin.put("/groups/exclusive", {})
    await origin.put("/flags/checkout", a_document(group={"key": "exclusive", "range": [0, 1]}))

    response = await origin.delete("/groups/exclusive")

    assert response.status_code == 409
    assert "checkout" in response.json()["detail"]


async def test_list__segments_and_groups__paged(origin: AnOrigin) -> None:
    for key in "ba":
        await origin.put(f"/segments/{key}", {})
        await origin.put(f"/groups/{key}", {})

    for collection in ("segments", "groups"):
        page = (await origin.get(f"/{collection}?limit=1")).json()
        assert [item["key"] for item in page["items"]] == ["a"]
        assert page["next"] == "a"
