"""What Prometheus sees of streams: who is connected, what they were handed, and why the origin ended some."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from flaghoist_origin.keys.keys import revoke
from flaghoist_origin.observability.metrics import REGISTRY
from flaghoist_origin.storage.database.records import SYSTEM
from tests.origin.an_origin import AnOrigin, Prepared, a_document, an_origin
from tests.origin.streams.listening import listening

pytestmark = pytest.mark.anyio
REASONS = ("refused", "stuck", "behind", "failed", "drained")


def clients(dialect: str) -> float:
    named = {"environment": "production", "dialect": dialect}
    return REGISTRY.get_sample_value("flaghoist_stream_clients", named) or 0.0


def events(dialect: str) -> float:
    return REGISTRY.get_sample_value("flaghoist_stream_events_total", {"dialect": dialect}) or 0.0


def cuts() -> Mapping[str, float]:
    name = "flaghoist_stream_cuts_total"
    return {reason: REGISTRY.get_sample_value(name, {"reason": reason}) or 0.0 for reason in REASONS}


def grown(before: Mapping[str, float]) -> dict[str, float]:
    return {reason: count - before[reason] for reason, count in cuts().items() if count != before[reason]}


async def change(origin: AnOrigin, count: int) -> None:
    for number in range(count):
        document = a_document(description=f"{number} of {count}")
        assert (await origin.put("/flags/a", document, "*" if await origin.version() else None)).is_success


async def test_metrics__clients_come_and_go__counted_by_dialect(origin: AnOrigin) -> None:
    before = {dialect: clients(dialect) for dialect in ("rules", "ofrep", "public-notices")}
    cut = cuts()
    async with listening(origin), listening(origin, "client"), listening(origin, "client", "dialect=notices"):
        assert {dialect: clients(dialect) - count for dialect, count in before.items()} == dict.fromkeys(before, 1)
    assert {dialect: clients(dialect) for dialect in before} == before
    assert grown(cut) == {}


async def test_metrics__put_replay_and_live_events__each_counted_once(origin: AnOrigin) -> None:
    await change(origin, 3)
    rules, ofrep = events("rules"), events("ofrep")
    async with listening(origin) as server, listening(origin, "client", "since=1-1") as client:
        await server.heard(1)
        await client.heard(2)
        await change(origin, 2)
        heard = len(await server.heard(3)), len(await client.heard(4))
    assert (events("rules") - rules, events("ofrep") - ofrep) == heard == (3, 4)


async def test_metrics__key_revoked_and_origin_ends__cuts_by_reason(origin: AnOrigin) -> None:
    before = cuts()
    async with listening(origin, "client") as refused, listening(origin) as drained:
        (key,) = [key for key in (await origin.store.load("production")).keys if key.kind == "client"]
        await revoke(origin.store, "production", key.id, SYSTEM)
        await origin.services.environments.refresh("production")
        await refused.completed()
        origin.services.streams.drain()
        await drained.completed()
    assert grown(before) == {"refused": 1, "drained": 1}


async def test_metrics__client_falls_behind__a_cut(prepared: Prepared, tmp_path: Path) -> None:
    async with an_origin(tmp_path, prepared=prepared, stream_buffer_versions=2) as origin:
        await change(origin, 1)
        before = cuts()
        async with listening(origin, last="1-1") as slow, listening(origin, last="1-1") as quick:
            slow.reads.clear()
            await change(origin, 8)
            await quick.heard(8)
            slow.reads.set()
            await slow.completed()
        assert grown(before) == {"behind": 1}
