"""Environments created, copied, removed and created again, over HTTP."""

import re
from typing import Any

import pytest

from flaghoist.model.flags import SnapshotVersion
from tests.origin.a_publisher import environments_of
from tests.origin.an_origin import BASE, AnOrigin, a_document
from tests.origin.subscribers import tell_after_commit

pytestmark = pytest.mark.anyio
ENVIRONMENTS = "/api/v1/environments"


async def create(origin: AnOrigin, name: str = "staging", key: str = "", **wanted: object) -> Any:
    headers = {"Authorization": f"Bearer {key or origin.keys['admin']}"}
    return await origin.client.post(ENVIRONMENTS, json={"name": name, **wanted}, headers=headers)


async def ask(origin: AnOrigin, key: str, path: str, method: str = "GET", **rest: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}", "If-Match": "*"}
    return await origin.client.request(method, f"{ENVIRONMENTS}{path}", headers=headers, **rest)


async def remove(origin: AnOrigin, key: str, name: str = "staging") -> Any:
    return await ask(origin, key, f"/{name}?confirm={name}", "DELETE")


async def test_create__new__empty_with_an_owner_key_of_its_own(origin: AnOrigin) -> None:
    response = await create(origin)

    created = response.json()
    assert (response.status_code, response.headers["cache-control"]) == (201, "no-store")
    assert (created["environment"]["epoch"], created["environment"]["version"]) == (1, 0)
    assert re.fullmatch(r"fh_admin_staging_[0-9A-Za-z]{43}", created["key"]["key"])
    assert created["key"]["role"] == "owner"
    assert (await ask(origin, created["key"]["key"], "/staging/flags")).status_code == 200
    assert (await ask(origin, created["key"]["key"], "/production/flags")).status_code == 403
    assert (await origin.client.get(f"{BASE}/flags", headers={})).status_code == 401


async def test_list__owner_sees_all__others_their_own(origin: AnOrigin) -> None:
    await create(origin)
    viewer = await origin.key_of_role("viewer")

    def names(response: Any) -> list[str]:
        return [item["name"] for item in response.json()["items"]]

    assert names(await ask(origin, origin.keys["admin"], "")) == ["production", "staging"]
    assert names(await ask(origin, viewer, "")) == names(await ask(origin, origin.keys["server"], "")) == ["production"]


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"name": "production"}, 409),
        ({"name": "Staging"}, 400),
        ({"name": ""}, 400),
        ({"name": "staging", "copy_from": "elsewhere"}, 403),
        ({"name": "staging", "copy_from": "production", "salts": "pepper"}, 400),
        ({}, 400),
    ],
)
async def test_create__not_possible__refused(origin: AnOrigin, wanted: dict[str, Any], status: int) -> None:
    before = await origin.store.environments()

    response = await origin.client.post(
        ENVIRONMENTS, json=wanted, headers={"Authorization": f"Bearer {origin.keys['admin']}"}
    )

    assert response.status_code == status
    assert await origin.store.environments() == before


async def test_copy__salts_kept__users_get_what_they_get_in_the_source(origin: AnOrigin) -> None:
    await fill(origin)
    source = (await origin.get("/snapshot")).json()

    key = (await create(origin, copy_from="production")).json()["key"]["key"]

    copy = (await ask(origin, key, "/staging/snapshot")).json()
    assert (copy["epoch"], copy["version"]) == (1, 1)
    for name in ("flags", "segments", "groups"):
        assert [{**entity, "version": 1} for entity in source[name]] == copy[name]


async def test_copy__new_salts__everybody_is_drawn_anew(origin: AnOrigin) -> None:
    await fill(origin)
    source = (await origin.get("/snapshot")).json()

    key = (await create(origin, copy_from="production", salts="new")).json()["key"]["key"]

    copy = (await ask(origin, key, "/staging/snapshot")).json()
    for name in ("flags", "groups"):
        for old, new in zip(source[name], copy[name], strict=True):
            assert old["salt"] != new["salt"]
            assert {**old, "salt": "", "version": 1} == {**new, "salt": ""}


async def test_copy__audit_log__says_of_what_and_by_whom(origin: AnOrigin) -> None:
    await fill(origin)
    key = (await create(origin, copy_from="production")).json()["key"]["key"]

    (entry,) = (await ask(origin, key, "/staging/audit?target=environment")).json()["items"]
    assert (entry["action"], entry["actor_name"]) == ("created", "admin")
    assert entry["after"] == {"copied_from": "production", "version": "1-4", "salts": "keep"}
    told = (await ask(origin, key, "/staging/audit?target=flags/a")).json()["items"]
    assert [item["action"] for item in told] == ["created"]


async def test_copy__changed__source_stays_as_it_was(origin: AnOrigin) -> None:
    await fill(origin)
    key = (await create(origin, copy_from="production")).json()["key"]["key"]

    assert (await ask(origin, key, "/staging/flags/a", "PATCH", json={"on": False})).status_code == 200

    assert (await origin.get("/flags/a")).json()["on"]
    assert await origin.version() == 4


async def test_remove__environment__gone_with_its_keys(origin: AnOrigin) -> None:
    await fill(origin)
    key = (await create(origin, copy_from="production")).json()["key"]["key"]
    heard: list[str] = []
    tell_after_commit(origin.services.environments, heard.append)

    response = await remove(origin, key)

    assert (response.status_code, response.json()["flags"]) == (200, 2)
    assert (await ask(origin, key, "/staging/flags")).status_code == 401
    assert (await ask(origin, origin.keys["admin"], "/staging/flags")).status_code == 404
    assert await origin.store.environments() == ("production",)
    assert heard == ["staging"]


@pytest.mark.parametrize("query", ["", "?confirm=", "?confirm=production"])
async def test_remove__unconfirmed__stays(origin: AnOrigin, query: str) -> None:
    key = (await create(origin)).json()["key"]["key"]

    response = await ask(origin, key, f"/staging{query}", "DELETE")

    assert (response.status_code, response.json()["path"]) == (400, "confirm")
    assert (await ask(origin, key, "/staging")).status_code == 200


async def test_remove__last_environment__conflict(origin: AnOrigin) -> None:
    assert (await remove(origin, origin.keys["admin"], "production")).status_code == 409


async def test_remove__first_environment__start_does_not_bring_it_back(origin: AnOrigin) -> None:
    await create(origin)
    removed = await remove(origin, origin.keys["admin"], "production")
    assert removed.status_code == 200, removed.text

    await origin.store.ensure_environment("production")

    assert await origin.store.environments() == ("staging",)


async def test_create__name_that_was_removed__empty_in_the_next_epoch(origin: AnOrigin) -> None:
    await fill(origin)
    old = (await create(origin, copy_from="production")).json()["key"]["key"]
    await remove(origin, old)

    created = (await create(origin)).json()

    assert (created["environment"]["epoch"], created["environment"]["flags"]) == (2, 0)
    record = await origin.store.load("staging")
    assert record.snapshot_version == SnapshotVersion(2, 0)
    assert (await ask(origin, old, "/staging")).status_code == 401
    new = created["key"]["key"]
    assert (await ask(origin, new, "/staging/versions/1-1")).json()["flags"][0]["key"] == "a"
    flag = (await ask(origin, new, "/staging/flags/a", "PUT", json=a_document())).status_code
    assert flag == 412, "If-Match names a state that is gone"


async def test_other_origin__environment_created_and_removed__follows(origin: AnOrigin) -> None:
    other = environments_of(origin.store, origin.services.settings, origin.clock)
    await other.refresh_all()
    key = (await create(origin)).json()["key"]["key"]
    await other.refresh_all()
    assert other.names == ("production", "staging")

    await remove(origin, key)
    await other.refresh_all()

    assert list(other.names) == ["production"]


async def fill(origin: AnOrigin) -> None:
    """Write two flags, a segment and a group."""
    await origin.put("/segments/s", {"included": ["ada"]})
    await origin.put("/groups/g", {})
    await origin.put("/flags/a", a_document())
    await origin.put("/flags/b", a_document(group={"key": "g", "range": [0, 50_000]}))
