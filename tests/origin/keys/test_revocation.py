"""A revoked key at every origin: at once where it was revoked, at the others with the next look at the database."""

import asyncio
from pathlib import Path

import pytest

from flaghoist_origin.settings.settings import Settings
from tests.origin.an_origin import BASE, AnOrigin, an_origin

pytestmark = pytest.mark.anyio
SECONDS = 1.0
"""Within this every origin refuses a revoked key: one look at the database, and what reading it takes."""
PATIENCE_SECONDS = 20


async def statuses(origin: AnOrigin, key: str) -> tuple[int, int]:
    """Return what the API and an evaluation answer to the key."""
    headers = {"Authorization": f"Bearer {key}"}
    read = await origin.client.get(f"{BASE}/flags", headers=headers)
    evaluated = await origin.client.post("/v1/bootstrap", json={"targetingKey": "ada"}, headers=headers)
    return read.status_code, evaluated.status_code


def test_settings__origins__look_at_the_database_in_time() -> None:
    assert Settings().refresh_seconds <= SECONDS / 2


async def test_revoked_key__two_origins_on_one_database__refused_by_both(origin: AnOrigin, tmp_path: Path) -> None:
    async with an_origin(tmp_path, prepared=origin.prepared) as other:
        assert await statuses(other, origin.keys["server"]) == (200, 200)
        server = next(key for key in (await origin.get("/keys")).json()["items"] if key["kind"] == "server")

        await origin.delete(f"/keys/{server['id']}")

        assert await statuses(origin, origin.keys["server"]) == (401, 401)
        await other.services.environments.refresh_all()
        assert await statuses(other, origin.keys["server"]) == (401, 401)


async def test_new_key__other_origin__takes_it_after_the_same_look(origin: AnOrigin, tmp_path: Path) -> None:
    async with an_origin(tmp_path, prepared=origin.prepared) as other:
        key = (await origin.post("/keys", {"kind": "server", "name": "new"})).json()["key"]
        await other.services.environments.refresh_all()

        assert await statuses(other, key) == (200, 200)


async def test_client_key__rules__never_shown(origin: AnOrigin) -> None:
    for path in ("/flags", "/flags/a", "/segments", "/groups", "/snapshot", "/versions/0", "/audit", "/keys", ""):
        assert (await origin.get(path, kind="client")).status_code == 403, path


async def test_revoked_key__other_origin__looks_by_itself(origin: AnOrigin, tmp_path: Path) -> None:
    async with an_origin(tmp_path, prepared=origin.prepared) as other:
        server = next(key for key in (await origin.get("/keys")).json()["items"] if key["kind"] == "server")
        await origin.delete(f"/keys/{server['id']}")

        async with asyncio.timeout(PATIENCE_SECONDS):
            while await statuses(other, origin.keys["server"]) != (401, 401):
                await asyncio.sleep(0.02)
