"""Keys over HTTP: their text once, their hash never, rotation with overlap."""

import re

import pytest

from flaghoist.limits import KEYS
from flaghoist.protocol.keys import parse_key
from flaghoist_origin.keys.key_secrets import hash_of
from flaghoist_origin.storage.database.records import SYSTEM, KeyChange, KeyRecord
from tests.origin.an_origin import BASE, START_MS, AnOrigin
from tests.origin.subscribers import tell_after_commit

pytestmark = pytest.mark.anyio


async def opens(origin: AnOrigin, text: str) -> bool:
    response = await origin.client.get(f"{BASE}/flags", headers={"Authorization": f"Bearer {text}"})
    return response.status_code == 200


async def test_post__new_key__text_once(origin: AnOrigin) -> None:
    response = await origin.post("/keys", {"kind": "server", "name": "backend"})

    created = response.json()
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"fh_server_production_[0-9A-Za-z]{43}", created["key"])
    assert await opens(origin, created["key"])
    told = [(await origin.get("/keys")).text, (await origin.get(f"/keys/{created['id']}")).text]
    told.append((await origin.get("/audit")).text)
    for text in told:
        assert created["key"] not in text
        assert hash_of(created["key"]) not in text
        assert created["id"] in text


async def test_post__keys__differ(origin: AnOrigin) -> None:
    texts = {(await origin.post("/keys", {"kind": "client", "name": "n"})).json()["key"] for _ in range(20)}

    assert len(texts) == 20


async def test_database__key__holds_no_text(origin: AnOrigin) -> None:
    text = (await origin.post("/keys", {"kind": "server", "name": "backend"})).json()["key"]

    record = await origin.store.load("production")

    assert text.rsplit("_", 1)[1] not in repr(record.keys)
    assert hash_of(text) in {key.hash for key in record.keys}


async def test_change__of_keys__bumps_no_version_but_the_manifest(origin: AnOrigin) -> None:
    woken: list[str] = []
    tell_after_commit(origin.services.environments, woken.append)

    text = (await origin.post("/keys", {"kind": "client", "name": "web"})).json()["key"]

    manifest = origin.services.environments.get("production").manifest(origin.clock.now_ms())
    assert hash_of(text) in {key.hash for key in manifest.keys}
    assert {key.kind for key in manifest.keys} == {"client", "server"}
    assert manifest.version == 0
    assert woken == ["production"]


async def test_rotate__key__both_open_until_the_overlap_ends(origin: AnOrigin) -> None:
    old = (await origin.post("/keys", {"kind": "server", "name": "backend"})).json()

    response = await origin.post(f"/keys/{old['id']}/rotate", {"overlap_seconds": 60})

    new = response.json()
    assert response.status_code == 201
    assert (new["kind"], new["name"]) == ("server", "backend")
    assert (await origin.get(f"/keys/{old['id']}")).json()["expires_at_ms"] == START_MS + 60_000
    assert await opens(origin, old["key"])
    origin.clock.advance(60)
    assert not await opens(origin, old["key"])
    assert await opens(origin, new["key"])


async def test_rotate__key_that_expires_sooner__not_prolonged(origin: AnOrigin) -> None:
    soon = {"kind": "server", "name": "backend", "expires_at": START_MS // 1000 + 5}
    old = (await origin.post("/keys", soon)).json()

    await origin.post(f"/keys/{old['id']}/rotate", {"overlap_seconds": 60})

    assert (await origin.get(f"/keys/{old['id']}")).json()["expires_at_ms"] == START_MS + 5_000


async def test_rotate__revoked_key__conflict(origin: AnOrigin) -> None:
    old = (await origin.post("/keys", {"kind": "server", "name": "backend"})).json()
    await origin.delete(f"/keys/{old['id']}")

    assert (await origin.post(f"/keys/{old['id']}/rotate", {})).status_code == 409


async def test_delete__key__worthless_at_once_and_again_the_same(origin: AnOrigin) -> None:
    key = (await origin.post("/keys", {"kind": "server", "name": "backend"})).json()

    first = await origin.delete(f"/keys/{key['id']}")
    origin.clock.advance(5)
    second = await origin.delete(f"/keys/{key['id']}")

    assert not await opens(origin, key["key"])
    assert first.json() == second.json()
    assert first.json()["revoked_at_ms"] == START_MS
    assert (await origin.audit_targets()).count(f"keys/{key['id']}") == 2


async def test_delete__last_owner_key__conflict(origin: AnOrigin) -> None:
    admin = next(key for key in (await origin.get("/keys")).json()["items"] if key["kind"] == "admin")
    await origin.post("/keys", {"kind": "admin", "role": "publisher", "name": "no owner"})
    await origin.post("/keys", {"kind": "admin", "role": "owner", "name": "short", "expires_at": START_MS // 1000 + 1})
    origin.clock.advance(1)

    assert (await origin.delete(f"/keys/{admin['id']}")).status_code == 409
    await origin.post("/keys", {"kind": "admin", "role": "owner", "name": "second"})
    assert (await origin.delete(f"/keys/{admin['id']}")).status_code == 200


async def test_rotate__admin_key__keeps_its_role(origin: AnOrigin) -> None:
    old = (await origin.post("/keys", {"kind": "admin", "role": "editor", "name": "anna"})).json()

    new = (await origin.post(f"/keys/{old['id']}/rotate", {})).json()

    assert (old["role"], new["role"]) == ("editor", "editor")


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"kind": "root", "name": "x"}, "$.kind"),
        ({"kind": "server"}, "$"),
        ({"kind": "admin", "name": "x"}, "$.role"),
        ({"kind": "admin", "name": "x", "role": "root"}, "$.role"),
        ({"kind": "server", "name": "x", "role": "viewer"}, "$.role"),
        ({"kind": "server", "name": ""}, "$.name"),
        ({"kind": "server", "name": "a\nb"}, "$.name"),
        ({"kind": "server", "name": "x" * 101}, "$.name"),
        ({"kind": "server", "name": "x", "expires_at": "tomorrow"}, "$.expires_at"),
        ({"kind": "server", "name": "x", "expires_at": START_MS // 1000}, "$.expires_at"),
        ({"kind": "server", "name": "x", "expires_at": True}, "$.expires_at"),
        ({"kind": "server", "name": "x", "expires_at": 253_402_300_800}, "$.expires_at"),
        ({"kind": "server", "name": "x", "expires_at": 3.4e16}, "$.expires_at"),
    ],
)
async def test_post__bad_key__refused(origin: AnOrigin, document: object, path: str) -> None:
    response = await origin.post("/keys", document)

    assert response.status_code == 400
    assert response.json()["path"] == path


@pytest.mark.parametrize("seconds", [-1, 10**12])
async def test_rotate__overlap_out_of_range__refused(origin: AnOrigin, seconds: int) -> None:
    key = (await origin.post("/keys", {"kind": "server", "name": "x"})).json()

    response = await origin.post(f"/keys/{key['id']}/rotate", {"overlap_seconds": seconds})

    assert response.status_code == 400
    assert response.json()["path"] == "$.overlap_seconds"


async def test_keys__unknown_id__not_found(origin: AnOrigin) -> None:
    assert (await origin.get("/keys/none")).status_code == 404
    assert (await origin.delete("/keys/none")).status_code == 404
    assert (await origin.post("/keys/none/rotate", {})).status_code == 404


async def test_post__past_the_limit__names_it(origin: AnOrigin) -> None:
    many = tuple(
        KeyRecord(f"k{n}", "production", "client", "n", hash_of(str(n)), START_MS) for n in range(KEYS.value - 4)
    )
    await origin.store.change_api_keys("production", lambda _, __: KeyChange("issued", many), SYSTEM)
    assert (await origin.post("/keys", {"kind": "client", "name": "n"})).status_code == 201

    response = await origin.post("/keys", {"kind": "client", "name": "n"})

    assert response.status_code == 400
    assert response.json()["limit"] == KEYS.name


@pytest.mark.parametrize(
    "text", ["", "fh_admin_a_", "fh_admin_A_" + "0" * 43, "fh_admin_a_" + "0" * 44, "fh_x_a_" + "0" * 43]
)
def test_key_text__malformed__names_nothing(text: str) -> None:
    assert parse_key(text) is None
