"""Roles: every route of the API with every role, default deny, and messages that name who may."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import Response

from flaghoist_origin.http.app import all_routes
from flaghoist_origin.http.resources.guard import Guarded
from flaghoist_origin.http.resources.resource import Resource, resource
from flaghoist_origin.keys.access import OF_ROLE, Need
from flaghoist_origin.storage.database.records import Role
from tests.origin.an_origin import ROLES, AnOrigin, a_document

pytestmark = pytest.mark.anyio

# Below /api/v1 a key's role decides. Everything else has its own doorkeeper, named here.
OTHER_DOORS = {
    "/healthz": "open",
    "/readyz": "open",
    "/ofrep/v1/evaluate/flags": "a client or server key",
    "/ofrep/v1/evaluate/flags/{key:rest}": "a client or server key",
    "/v1/bootstrap": "a client or server key",
    "/v1/bootstrap.js": "open",
    "/metrics": "open, or a token",
    "/api/openapi.json": "open",
    "/v1/schemas/flag-file.json": "open",
    "/v1/events": "a client or server key",
    "/v1/stream": "any key; a client's sees no rules",
    "/v1/edge/{env}/manifest": "the edge's token",
    "/v1/edge/{env}/shards/{sha256}": "the edge's token",
}
EDITOR, PUBLISHER, OWNER = {"editor", "publisher", "owner"}, {"publisher", "owner"}, {"owner"}
ALL: set[str] = set(ROLES)
ROUTES: dict[tuple[str, str], set[str]] = {
    ("GET", ""): ALL,
    ("DELETE", ""): OWNER,
    ("GET", "/flags"): ALL,
    ("GET", "/flags/a"): ALL,
    ("PUT", "/flags/a"): EDITOR,
    ("PATCH", "/flags/a"): EDITOR,
    ("DELETE", "/flags/a"): EDITOR,
    ("GET", "/segments"): ALL,
    ("GET", "/segments/a"): ALL,
    ("PUT", "/segments/a"): EDITOR,
    ("PATCH", "/segments/a"): EDITOR,
    ("DELETE", "/segments/a"): EDITOR,
    ("GET", "/groups"): ALL,
    ("GET", "/groups/a"): ALL,
    ("PUT", "/groups/a"): EDITOR,
    ("PATCH", "/groups/a"): EDITOR,
    ("DELETE", "/groups/a"): EDITOR,
    ("GET", "/snapshot"): ALL,
    ("PUT", "/snapshot"): PUBLISHER,
    ("GET", "/versions/1"): ALL,
    ("POST", "/rollback"): PUBLISHER,
    ("POST", "/publish"): PUBLISHER,
    ("POST", "/recover"): OWNER,
    ("GET", "/audit"): ALL,
    ("GET", "/exposures"): ALL,
    ("GET", "/tracked"): ALL,
    ("GET", "/keys"): ALL,
    ("POST", "/keys"): OWNER,
    ("GET", "/keys/x"): ALL,
    ("DELETE", "/keys/x"): OWNER,
    ("POST", "/keys/x/rotate"): OWNER,
    ("GET", "/signing-keys"): ALL,
    ("POST", "/signing-keys"): OWNER,
    ("GET", "/signing-keys/x"): ALL,
    ("DELETE", "/signing-keys/x"): OWNER,
    ("POST", "/signing-keys/x/rotate"): OWNER,
    ("GET", "/signed-contexts"): ALL,
    ("PUT", "/signed-contexts"): OWNER,
}
ENVIRONMENTS = "/api/v1/environments"
ENVIRONMENT = "/api/v1/environments/{env}"


def guarded() -> Iterator[tuple[str, str, Guarded]]:
    for route in all_routes():
        if isinstance(route, Resource) and route.path.startswith("/api/v1/"):
            for method, handler in route.handlers.items():
                assert isinstance(handler, Guarded), (method, route.path)
                yield method, route.path, handler


def test_every_route__has_a_doorkeeper() -> None:
    paths = {str(getattr(route, "path", route)) for route in all_routes()}

    assert paths - {path for _, path, _ in guarded()} == set(OTHER_DOORS)


def test_every_guarded_route__is_tried_with_every_role() -> None:
    shown = {
        (method, path.removeprefix(ENVIRONMENT).replace("{key}", "a").replace("{id}", "x").replace("{version}", "1"))
        for method, path, _ in guarded()
        if path.startswith(ENVIRONMENT)
    }
    assert {(method, path) for method, path, _ in guarded() if not path.startswith(ENVIRONMENT)} == {
        ("GET", ENVIRONMENTS),
        ("POST", ENVIRONMENTS),
    }

    assert shown == set(ROUTES)


def test_api_route__without_a_need__cannot_be_made() -> None:
    async def handler(_: Request) -> Response:
        return Response()

    with pytest.raises(TypeError, match="says not who may use it"):
        resource("/api/v1/anything", GET=handler)


@pytest.mark.parametrize("role", ROLES)
async def test_role__every_route__opened_or_forbidden_by_name(origin: AnOrigin, role: Role) -> None:
    key = await origin.key_of_role(role)
    for (method, path), openers in ROUTES.items():
        response = await origin.client.request(
            method, f"/api/v1/environments/production{path}", json={}, headers={"Authorization": f"Bearer {key}"}
        )
        assert (response.status_code == 403) == (role not in openers), (method, path, response.text)
        if role not in openers:
            named = response.json()["detail"]
            assert named.startswith(f"{'an' if role[0] in 'aeiou' else 'a'} {role} may not ")
            assert named.endswith(f"an admin key of role {' or '.join(name for name in ROLES if name in openers)}")


@pytest.mark.parametrize("need", list(Need))
def test_owner__may_everything(need: Need) -> None:
    assert need in OF_ROLE["owner"]


@pytest.mark.parametrize("role", ROLES)
async def test_role__environments__all_read_and_owners_create(origin: AnOrigin, role: Role) -> None:
    headers = {"Authorization": f"Bearer {await origin.key_of_role(role)}"}

    read = await origin.client.get(ENVIRONMENTS, headers=headers)
    created = await origin.client.post(ENVIRONMENTS, headers=headers, json={"name": "new"})

    assert (read.status_code, created.status_code) == (200, 201 if role == "owner" else 403)


async def test_viewer__write__leaves_the_flag_as_it_was(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())
    before = await origin.version()
    headers = {"Authorization": f"Bearer {await origin.key_of_role('viewer')}"}

    refused = await origin.request("PATCH", "/flags/a", {"on": False}, if_match="*", headers=headers)
    read = await origin.get("/flags/a", **headers)

    assert (refused.status_code, read.status_code) == (403, 200)
    assert await origin.version() == before


async def test_admin_key__without_a_role__may_nothing(origin: AnOrigin) -> None:
    text = await origin.key_of_role("owner")
    async with origin.store._database.writing() as connection:
        await connection.exec_driver_sql("UPDATE api_keys SET role = NULL WHERE name = 'owner'")
        await connection.exec_driver_sql("UPDATE environments SET keys_version = keys_version + 1")
    await origin.services.environments.refresh("production")

    assert (await origin.get("/flags", Authorization=f"Bearer {text}")).status_code == 403
