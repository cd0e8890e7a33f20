"""When keys were last used: roughly, without a write per request, and only of those that were let in."""

from typing import Any

import pytest
from sqlalchemy import event

from flaghoist.errors import Unavailable
from flaghoist_origin.keys.key_uses import KeyUses
from tests.origin.an_origin import START_MS, AnOrigin

pytestmark = pytest.mark.anyio
MINUTE = START_MS // 60_000 * 60_000


async def used(origin: AnOrigin) -> dict[str, int | None]:
    items = (await origin.get("/keys")).json()["items"]
    return {item["name"]: item.get("last_used_at_ms") for item in items}


async def test_list__keys__tells_when_each_was_seen(origin: AnOrigin) -> None:
    await origin.get("/flags", kind="server")
    origin.clock.advance(120)

    assert await used(origin) == {"admin": MINUTE + 120_000, "server": MINUTE, "client": None}


async def test_evaluation__key__is_seen(origin: AnOrigin) -> None:
    headers = {"Authorization": f"Bearer {origin.keys['client']}"}
    await origin.client.post("/v1/bootstrap", json={"targetingKey": "ada"}, headers=headers)

    assert (await used(origin))["client"] == MINUTE


async def test_refused_request__key__is_not_seen(origin: AnOrigin) -> None:
    await origin.request("POST", "/publish", kind="server")
    await origin.client.get("/v1/bootstrap", headers={"Authorization": f"Bearer {origin.keys['admin']}"})

    assert await used(origin) == {"admin": MINUTE, "server": None, "client": None}


async def test_requests__many__write_once_a_minute(origin: AnOrigin) -> None:
    written: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("INSERT"):
            written.append(statement)

    event.listen(origin.store._database.engine.sync_engine, "before_cursor_execute", note)
    for _ in range(3):
        for _ in range(5):
            await origin.get("/flags")
        await origin.services.key_uses.flush()
    assert len(written) == 1
    origin.clock.advance(60)
    await origin.get("/flags")
    await origin.services.key_uses.flush()
    assert len(written) == 2


async def test_flush__other_origin_and_older_use__latest_stays(origin: AnOrigin) -> None:
    other = KeyUses(origin.store, origin.services.environments, origin.clock)
    await origin.get("/flags", kind="server")
    await origin.services.key_uses.flush()
    server = next(iter(await origin.store.key_uses()))

    await origin.store.store_key_uses({server: MINUTE - 60_000})

    assert (await other.last())[server] == MINUTE


async def test_keys__used__changes_neither_version_nor_audit_log(origin: AnOrigin) -> None:
    before = await origin.store.marks(), await origin.audit_targets()
    await origin.get("/flags", kind="server")
    await origin.services.key_uses.flush()

    assert (await origin.store.marks(), await origin.audit_targets()) == before


async def test_database_away__last_use__known_from_memory(origin: AnOrigin, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("away")

    await origin.get("/flags", kind="server")
    monkeypatch.setattr(origin.store, "key_uses", away)
    monkeypatch.setattr(origin.store, "store_key_uses", away)
    await origin.services.key_uses.flush()

    assert (await used(origin))["server"] == MINUTE
