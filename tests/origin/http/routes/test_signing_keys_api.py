"""Signing keys over HTTP: the private half once, the public one in manifests, rotation with overlap, a policy."""

import msgspec
import pytest

from flaghoist.limits import SIGNING_KEYS
from flaghoist.snapshot.manifest import Manifest
from flaghoist_cli.files.signed_contexts import read_jwk, sign_context
from flaghoist_origin.storage.database.records import SYSTEM, KeyChange, SigningKeyRecord
from tests.origin.an_origin import START_MS, AnOrigin
from tests.origin.subscribers import tell_after_commit

pytestmark = pytest.mark.anyio


def manifest_of(origin: AnOrigin) -> Manifest:
    return origin.services.environments.get("production").manifest(origin.clock.now_ms())


async def create(origin: AnOrigin, name: str = "shop") -> dict[str, object]:
    response = await origin.post("/signing-keys", {"name": name})
    assert response.status_code == 201, response.text
    created: dict[str, object] = response.json()
    return created


async def test_post__new_key__private_half_once_and_nowhere_else(origin: AnOrigin) -> None:
    response = await origin.post("/signing-keys", {"name": "shop"})

    created = response.json()
    private = created["private_jwk"]["d"]
    assert response.headers["cache-control"] == "no-store"
    assert created["private_pem"].startswith("-----BEGIN PRIVATE KEY-----")
    assert created["public_jwk"] == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": created["public_jwk"]["x"],
        "kid": created["id"],
    }
    assert created["private_jwk"] == {**created["public_jwk"], "d": private}
    told = [(await origin.get("/signing-keys")).text, (await origin.get(f"/signing-keys/{created['id']}")).text]
    told.append((await origin.get("/audit")).text)
    for text in told:
        assert created["id"] in text
        assert private not in text
        assert "PRIVATE" not in text
    record = await origin.store.load("production")
    assert private not in repr(record)


async def test_post__key__in_the_manifest_without_a_new_version(origin: AnOrigin) -> None:
    woken: list[str] = []
    tell_after_commit(origin.services.environments, woken.append)

    created = await create(origin)

    (ref,) = manifest_of(origin).signing_keys
    assert {"kid": ref.id, "x": ref.key}.items() <= msgspec.convert(created["public_jwk"], dict[str, str]).items()
    assert (manifest_of(origin).version, woken) == (0, ["production"])


async def test_rotate__key__both_in_the_manifest_until_the_overlap_ends(origin: AnOrigin) -> None:
    old = await create(origin)

    response = await origin.post(f"/signing-keys/{old['id']}/rotate", {"overlap_seconds": 60})

    new = response.json()
    assert (response.status_code, new["name"]) == (201, "shop")
    assert new["private_jwk"]["d"] != msgspec.convert(old["private_jwk"], dict[str, str])["d"]
    assert {ref.id: ref.expires_at_ms for ref in manifest_of(origin).signing_keys} == {
        old["id"]: START_MS + 60_000,
        new["id"]: None,
    }
    origin.clock.advance(60)
    assert [ref.id for ref in manifest_of(origin).signing_keys] == [new["id"]]


async def test_rotate__revoked_key__conflict(origin: AnOrigin) -> None:
    old = await create(origin)
    await origin.delete(f"/signing-keys/{old['id']}")

    assert (await origin.post(f"/signing-keys/{old['id']}/rotate", {})).status_code == 409


async def test_delete__key__out_of_the_manifest_at_once_and_again_the_same(origin: AnOrigin) -> None:
    key = await create(origin)

    first = await origin.delete(f"/signing-keys/{key['id']}")
    origin.clock.advance(5)
    second = await origin.delete(f"/signing-keys/{key['id']}")

    assert manifest_of(origin).signing_keys == ()
    assert first.json() == second.json()
    assert first.json()["revoked_at_ms"] == START_MS
    assert (await origin.audit_targets()).count(f"signing-keys/{key['id']}") == 2


async def test_policy__without_a_key__conflict_and_nothing_changes(origin: AnOrigin) -> None:
    response = await origin.put("/signed-contexts", {"required": True})

    assert response.status_code == 409
    assert (await origin.get("/signed-contexts")).json() == {"required": False}


async def test_policy__required__in_the_manifest_and_in_the_audit_log(origin: AnOrigin) -> None:
    await create(origin)

    assert (await origin.put("/signed-contexts", {"required": True})).json() == {"required": True}
    assert manifest_of(origin).requires_signed_context
    assert (await origin.put("/signed-contexts", {"required": True})).json() == {"required": True}
    assert (await origin.audit_targets()).count("signed-contexts") == 1
    assert (await origin.put("/signed-contexts", {"required": False})).json() == {"required": False}
    assert not manifest_of(origin).requires_signed_context


async def test_delete__last_key_of_an_environment_that_requires_signatures__conflict(origin: AnOrigin) -> None:
    first = await create(origin)
    await origin.put("/signed-contexts", {"required": True})
    assert (await origin.delete(f"/signing-keys/{first['id']}")).status_code == 409

    second = (await origin.post(f"/signing-keys/{first['id']}/rotate", {"overlap_seconds": 60})).json()
    assert (await origin.delete(f"/signing-keys/{second['id']}")).status_code == 409, "the first one is running out"
    assert (await origin.delete(f"/signing-keys/{first['id']}")).status_code == 200

    await origin.put("/signed-contexts", {"required": False})
    assert (await origin.delete(f"/signing-keys/{second['id']}")).status_code == 200


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 101])
async def test_post__bad_name__refused(origin: AnOrigin, name: str) -> None:
    response = await origin.post("/signing-keys", {"name": name})

    assert (response.status_code, response.json()["path"]) == (400, "$.name")


@pytest.mark.parametrize("seconds", [-1, 10**12])
async def test_rotate__overlap_out_of_range__refused(origin: AnOrigin, seconds: int) -> None:
    key = await create(origin)

    response = await origin.post(f"/signing-keys/{key['id']}/rotate", {"overlap_seconds": seconds})

    assert (response.status_code, response.json()["path"]) == (400, "$.overlap_seconds")


async def test_keys__unknown_id__not_found(origin: AnOrigin) -> None:
    assert (await origin.get("/signing-keys/none")).status_code == 404
    assert (await origin.delete("/signing-keys/none")).status_code == 404
    assert (await origin.post("/signing-keys/none/rotate", {})).status_code == 404


async def test_post__past_the_limit__names_it(origin: AnOrigin) -> None:
    many = tuple(
        SigningKeyRecord(f"k{n}", "production", "n", "A" * 43, START_MS) for n in range(SIGNING_KEYS.value - 1)
    )
    await origin.store.change_signing_keys("production", lambda _, __: KeyChange("issued", many), SYSTEM)
    await create(origin)

    response = await origin.post("/signing-keys", {"name": "n"})

    assert (response.status_code, response.json()["limit"]) == (400, SIGNING_KEYS.name)


async def test_environment__removed_and_back__has_neither_keys_nor_policy(origin: AnOrigin) -> None:
    headers = {"Authorization": f"Bearer {origin.keys['admin']}"}
    made = (await origin.client.post("/api/v1/environments", json={"name": "new"}, headers=headers)).json()
    own = {"Authorization": f"Bearer {made['key']['key']}"}
    base = "/api/v1/environments/new"
    await origin.client.post(f"{base}/signing-keys", json={"name": "shop"}, headers=own)
    assert (await origin.client.put(f"{base}/signed-contexts", json={"required": True}, headers=own)).is_success
    assert (await origin.client.delete(f"{base}?confirm=new", headers=own)).is_success

    await origin.client.post("/api/v1/environments", json={"name": "new"}, headers=headers)

    record = origin.services.environments.get("new").record
    assert not record.requires_signed_contexts
    assert [key.revoked_at_ms is not None for key in record.signing_keys] == [True]


async def test_key__as_issued__signs_what_this_origin_believes(origin: AnOrigin) -> None:
    created = await create(origin)
    key = read_jwk(msgspec.convert(created["private_jwk"], dict[str, object]))
    token = sign_context(key, {"targetingKey": "ada"}, START_MS // 1000 + 60, "production")
    headers = {"X-API-Key": origin.keys["client"], "Flaghoist-Context": token}

    assert (await origin.client.post("/ofrep/v1/evaluate/flags", json={}, headers=headers)).status_code == 200
    await origin.delete(f"/signing-keys/{created['id']}")
    assert (await origin.client.post("/ofrep/v1/evaluate/flags", json={}, headers=headers)).status_code == 401
