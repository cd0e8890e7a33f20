"""Who may do what: every path with every kind of key, and keys that open nothing."""

import pytest

from flaghoist_origin.http.app import all_routes
from flaghoist_origin.storage.database.records import SYSTEM
from tests.origin.an_origin import BASE, AnOrigin, a_document

pytestmark = pytest.mark.anyio

READS = ["/flags", "/flags/a", "/segments", "/groups", "/snapshot", ""]
ADMIN_ONLY = [
    ("GET", "/keys"),
    ("GET", "/audit"),
    ("PUT", "/flags/a"),
    ("PATCH", "/flags/a"),
    ("DELETE", "/flags/a"),
    ("PUT", "/segments/a"),
    ("PUT", "/groups/a"),
    ("PUT", "/snapshot"),
    ("POST", "/keys"),
    ("DELETE", "/keys/x"),
    ("POST", "/keys/x/rotate"),
    ("POST", "/publish"),
    ("POST", "/recover"),
]
API = "/api/v1/"


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(("kind", "status"), [("admin", 200), ("server", 200), ("client", 403)])
async def test_read__kinds__admitted_or_forbidden(origin: AnOrigin, path: str, kind: str, status: int) -> None:
    await origin.put("/flags/a", a_document())

    assert (await origin.get(path, kind=kind)).status_code == status


@pytest.mark.parametrize(("method", "path"), ADMIN_ONLY)
@pytest.mark.parametrize("kind", ["server", "client"])
async def test_administration__other_kinds__forbidden(origin: AnOrigin, method: str, path: str, kind: str) -> None:
    assert (await origin.request(method, path, {}, kind=kind)).status_code == 403


async def test_every_api_route__no_key__401(origin: AnOrigin) -> None:
    routes = [route for route in all_routes() if getattr(route, "path", "").startswith(API)]
    assert len(routes) > 10
    for route in routes:
        path = getattr(route, "path", "").format(env="production", key="a", id="a", version="1")
        for method in getattr(route, "methods", None) or ():
            response = await origin.client.request(method, path)
            assert response.status_code == 401, (method, path)
            assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic {admin}",
        "Bearer {admin}x",
        "Bearer fh_admin_production_" + "0" * 43,
        "Bearer fh_admin_elsewhere_" + "0" * 43,
        "Bearer fh_root_production_" + "0" * 43,
        "Bearer \xff",
    ],
)
async def test_read__worthless_authorization__401(origin: AnOrigin, value: str) -> None:
    sent = value.format(**origin.keys).encode("latin-1")

    response = await origin.client.get(f"{BASE}/flags", headers=[(b"authorization", sent)])

    assert response.status_code == 401


async def test_read__key_in_x_api_key__admitted(origin: AnOrigin) -> None:
    response = await origin.client.get(f"{BASE}/flags", headers={"X-API-Key": origin.keys["server"]})

    assert response.status_code == 200


async def test_read__key_in_the_url__not_taken(origin: AnOrigin) -> None:
    response = await origin.client.get(f"{BASE}/flags?key={origin.keys['admin']}")

    assert response.status_code == 401


async def test_read__revoked_key__401(origin: AnOrigin) -> None:
    server = next(key for key in (await origin.get("/keys")).json()["items"] if key["kind"] == "server")
    assert (await origin.delete(f"/keys/{server['id']}")).status_code == 200

    assert (await origin.get("/flags", kind="server")).status_code == 401


async def test_read__expired_key__401(origin: AnOrigin) -> None:
    created = await origin.post("/keys", {"kind": "server", "name": "short", "expires_at": 1_800_000_060})
    headers = {"Authorization": f"Bearer {created.json()['key']}"}
    assert (await origin.client.get(f"{BASE}/flags", headers=headers)).status_code == 200

    origin.clock.advance(60)

    assert (await origin.client.get(f"{BASE}/flags", headers=headers)).status_code == 401


async def test_read__environments__own_403_other_404_unknown(origin: AnOrigin) -> None:
    await origin.store.create_environment("staging")
    await origin.services.environments.refresh_all()
    headers = {"Authorization": f"Bearer {origin.keys['admin']}"}

    other = await origin.client.get("/api/v1/environments/staging/flags", headers=headers)
    unknown = await origin.client.get("/api/v1/environments/nowhere/flags", headers=headers)
    unknown_without_key = await origin.client.get("/api/v1/environments/nowhere/flags")
    listed = await origin.client.get("/api/v1/environments", headers=headers)

    assert (other.status_code, unknown.status_code, unknown_without_key.status_code) == (403, 404, 401)
    assert [item["name"] for item in listed.json()["items"]] == ["production", "staging"]


async def test_write__refused_before_its_body_is_read(origin: AnOrigin) -> None:
    assert (await origin.request("PUT", "/flags/a", kind="server")).status_code == 403


async def test_author__system__is_no_key(origin: AnOrigin) -> None:
    assert SYSTEM.id not in {key["id"] for key in (await origin.get("/keys")).json()["items"]}
