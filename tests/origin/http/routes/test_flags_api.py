"""Flags over HTTP: created, read, overwritten, patched, archived and listed."""

import pytest

from tests.origin.an_origin import AnOrigin, a_document

pytestmark = pytest.mark.anyio


async def test_put__new_flag__created_with_etag_and_version(origin: AnOrigin) -> None:
    response = await origin.put("/flags/checkout", a_document())

    assert response.status_code == 201
    assert response.headers["etag"] == '"1"'
    assert response.headers["flaghoist-version"] == "1-1"
    created = response.json()
    assert created["type"] == "boolean"
    assert created["version"] == 1
    assert len(created["salt"]) == 16


async def test_get__flag_as_put_back__is_no_write(origin: AnOrigin) -> None:
    await origin.put("/flags/checkout", a_document(tags=["a"], rules=[], temporary=True))
    read = await origin.get("/flags/checkout")

    written = await origin.put("/flags/checkout", read.json(), if_match=read.headers["etag"])

    assert written.status_code == 200
    assert written.json() == read.json()
    assert written.headers["flaghoist-version"] == "1-1"
    assert await origin.version() == 1
    assert (await origin.audit_targets()).count("flags/checkout") == 1


async def test_put__without_salt__keeps_the_one_before(origin: AnOrigin) -> None:
    before = (await origin.put("/flags/checkout", a_document())).json()

    after = (await origin.put("/flags/checkout", a_document(description="new"), if_match='"1"')).json()

    assert after["salt"] == before["salt"]
    assert after["version"] == 2


async def test_put__version_in_body__ignored(origin: AnOrigin) -> None:
    response = await origin.put("/flags/checkout", a_document(version=99))

    assert response.json()["version"] == 1


async def test_put__same_values_of_another_json_type__is_a_write(origin: AnOrigin) -> None:
    document = a_document(variations={"on": {"x": 1}, "off": {"x": 0}})
    await origin.put("/flags/checkout", document)

    response = await origin.put(
        "/flags/checkout", {**document, "variations": {"on": {"x": True}, "off": {"x": False}}}, if_match='"1"'
    )

    assert response.headers["etag"] == '"2"'
    assert (await origin.get("/flags/checkout")).json()["variations"] == {"on": {"x": True}, "off": {"x": False}}


async def test_put__another_key_in_body__refused(origin: AnOrigin) -> None:
    response = await origin.put("/flags/checkout", a_document(key="other"))

    assert response.status_code == 400
    assert response.json()["path"] == "$.key"


@pytest.mark.parametrize("key", ["a b", "ä", "x" * 129, "a%00b", "a,b"])
async def test_put__malformed_key__refused(origin: AnOrigin, key: str) -> None:
    response = await origin.put(f"/flags/{key}", a_document())

    assert response.status_code == 400
    assert response.json()["path"] == "$.key"
    assert await origin.version() == 0


async def test_patch__members__merged_and_null_removes(origin: AnOrigin) -> None:
    await origin.put("/groups/exclusive", {})
    claim = {"key": "exclusive", "range": [0, 10]}
    await origin.put("/flags/checkout", a_document(group=claim, description="old", owner="ada"))

    response = await origin.patch("/flags/checkout", {"group": None, "description": "new"})

    assert response.status_code == 200
    patched = response.json()
    assert (patched["group"], patched["description"], patched["owner"]) == (None, "new", "ada")


async def test_patch__variations__merged_member_by_member(origin: AnOrigin) -> None:
    texts = {"a": "A", "b": "B"}
    await origin.put("/flags/text", a_document(variations=texts, off_variation="a", fallthrough={"variation": "a"}))

    response = await origin.patch("/flags/text", {"variations": {"b": None, "c": "C"}})

    assert response.json()["variations"] == {"a": "A", "c": "C"}


async def test_patch__null_for_a_required_member__refused(origin: AnOrigin) -> None:
    await origin.put("/flags/checkout", a_document())

    response = await origin.patch("/flags/checkout", {"fallthrough": None})

    assert response.status_code == 400
    assert await origin.version() == 1


async def test_patch__other_patch_language__unsupported(origin: AnOrigin) -> None:
    await origin.put("/flags/checkout", a_document())

    response = await origin.request(
        "PATCH", "/flags/checkout", [], if_match="*", headers={"Content-Type": "application/json-patch+json"}
    )

    assert response.status_code == 415


async def test_delete__flag__archived_and_still_there(origin: AnOrigin) -> None:
    await origin.put("/flags/checkout", a_document())

    response = await origin.delete("/flags/checkout", if_match='"1"')

    assert response.status_code == 200
    assert response.json()["archived"] is True
    assert response.headers["etag"] == '"2"'
    assert (await origin.get("/flags/checkout")).json()["archived"] is True
    assert (await origin.delete("/flags/checkout")).headers["flaghoist-version"] == "1-2"


async def test_delete__prerequisite_of_others__names_them(origin: AnOrigin) -> None:
    await origin.put("/flags/api", a_document())
    await origin.put("/flags/checkout", a_document(prerequisites=[{"flag": "api", "variations": ["on"]}]))

    response = await origin.delete("/flags/api")

    assert response.status_code == 200
    assert response.headers["flaghoist-dependents"] == "checkout"


async def test_delete__flag_in_group__releases_its_range(origin: AnOrigin) -> None:
    await origin.put("/groups/exclusive", {})
    claim = {"key": "exclusive", "range": [0, 60_000]}
    await origin.put("/flags/first", a_document(group=claim))
    assert (await origin.put("/flags/second", a_document(group=claim))).status_code == 400

    await origin.delete("/flags/first")

    assert (await origin.put("/flags/second", a_document(group=claim))).status_code == 201
    assert (await origin.patch("/flags/first", {"archived": False})).status_code == 400


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", ["a", "b", "c"]),
        ("?archived=true", ["b"]),
        ("?archived=false", ["a", "c"]),
        ("?tag=web", ["b", "c"]),
        ("?tag=web&archived=false", ["c"]),
        ("?tag=none", []),
    ],
)
async def test_list__filters__stable_order(origin: AnOrigin, query: str, keys: list[str]) -> None:
    await origin.put("/flags/c", a_document(tags=["web"]))
    await origin.put("/flags/a", a_document())
    await origin.put("/flags/b", a_document(tags=["web", "app"], archived=True))

    response = await origin.get(f"/flags{query}")

    assert [flag["key"] for flag in response.json()["items"]] == keys
    assert response.json()["next"] is None


async def test_list__pages__hold_each_flag_once(origin: AnOrigin) -> None:
    for name in "edcba":
        await origin.put(f"/flags/{name}", a_document())
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await origin.get(f"/flags?limit=2&cursor={cursor}")).json()
        seen += [flag["key"] for flag in page["items"]]
        cursor = page["next"]

    assert seen == list("abcde")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=-1", "limit=x", "limit=1001", "limit=1&limit=2", "limit=٣", "archived=yes", "tag=a&tag=b"],
)
async def test_list__malformed_query__refused(origin: AnOrigin, query: str) -> None:
    assert (await origin.get(f"/flags?{query}")).status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/flags", "/segments", "/groups"])
async def test_collection__other_methods__not_allowed(origin: AnOrigin, method: str, path: str) -> None:
    response = await origin.request(method, path, {})

    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert response.headers["content-type"] == "application/problem+json"


async def test_get__etag_held__not_modified(origin: AnOrigin) -> None:
    await origin.put("/flags/checkout", a_document())

    assert (await origin.get("/flags/checkout", **{"If-None-Match": '"1"'})).status_code == 304
    assert (await origin.get("/flags/checkout", **{"If-None-Match": 'W/"1"'})).status_code == 304
    assert (await origin.get("/flags/checkout", **{"If-None-Match": '"2"'})).status_code == 200


async def test_get__unknown_flag_or_path__problem(origin: AnOrigin) -> None:
    for path in ("/flags/none", "/nothing", "/flags/a/b"):
        response = await origin.get(path)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


async def test_write__float_values__keep_their_type(origin: AnOrigin) -> None:
    document = a_document(variations={"on": 1, "off": 0.5}, type="float")

    response = await origin.put("/flags/ratio", document)

    assert b'"on":1.0' in response.content
    assert b'"on":1.0' in (await origin.get("/flags/ratio")).content
