"""``/v1/events`` and what is counted of it: each event once, whatever else is in its batch."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from flaghoist.limits import EVENTS, EVENTS_BYTES
from flaghoist.protocol.events import Event
from flaghoist.snapshot.sealing import Sealer
from flaghoist_origin.storage.database.tables import EXPOSURES, TRACKED
from tests.origin.an_origin import SECRET, START_MS, AnOrigin, a_document, an_origin
from tests.origin.events_reported import a_purchase, an_exposure, body, counted, report, send
from tests.origin.lost_database import lose_database

pytestmark = pytest.mark.anyio
DAY_MS = 24 * 3_600_000


async def rows(origin: AnOrigin, table: Any = EXPOSURES) -> list[Any]:
    async with origin.store._database.reading() as connection:
        return list(await connection.execute(select(table).order_by(table.c.id)))


@pytest.mark.parametrize("kind", ["client", "server"])
async def test_report__new_events__stored_and_counted(origin: AnOrigin, kind: str) -> None:
    answered = await report(origin, an_exposure("1"), an_exposure("2", "bob"), a_purchase("3", value=9.5), kind=kind)

    assert (answered.status_code, answered.json()) == (202, {"accepted": 3, "duplicates": 0, "refused": []})
    times = {"first_at_ms": START_MS, "last_at_ms": START_MS}
    assert await counted(origin) == [{"flag": "checkout", "variant": "on", "exposures": 2, "units": 2, **times}]
    sums = {"values": 1, "sum": 9.5, "minimum": 9.5, "maximum": 9.5}
    assert await counted(origin, "tracked") == [{"name": "purchase", "events": 1, "units": 1, **sums, **times}]


async def test_report__again__counts_once(origin: AnOrigin) -> None:
    await report(origin, an_exposure("1"), a_purchase("2"))
    answered = await report(origin, an_exposure("1"), a_purchase("2"), an_exposure("3"), an_exposure("3"))

    assert answered.json() == {"accepted": 1, "duplicates": 3, "refused": []}
    assert [item["exposures"] for item in await counted(origin)] == [2]


async def test_report__same_id_elsewhere__is_another_event(origin: AnOrigin) -> None:
    await report(origin, an_exposure("1"))
    await origin.client.post(
        "/api/v1/environments",
        json={"name": "staging"},
        headers={"Authorization": f"Bearer {origin.keys['admin']}"},
    )
    taken = await origin.services.intake.take("staging", [an_exposure("1"), a_purchase("1")])

    assert (taken.accepted, taken.duplicates) == (2, 0)


async def test_report__one_bad_event__loses_no_other(origin: AnOrigin) -> None:
    raw = b'{"events":[%b,{"id":"2","type":"exposure"},7]}' % msgspec.json.encode(an_exposure("1"))
    answered = await send(origin, raw, {"X-API-Key": origin.keys["client"]})

    said = answered.json()
    assert (answered.status_code, said["accepted"]) == (202, 1)
    assert [refused["index"] for refused in said["refused"]] == [1, 2]
    assert "`flag`" in said["refused"][0]["detail"]


async def test_report__beacon__key_in_url_and_text_plain(origin: AnOrigin) -> None:
    answered = await origin.client.post(
        f"/v1/events?key={origin.keys['client']}",
        content=body(an_exposure("1")),
        headers={"Content-Type": "text/plain;charset=UTF-8", "Origin": "https://shop.example"},
    )

    assert (answered.status_code, answered.json()["accepted"]) == (202, 1)
    assert answered.headers["access-control-allow-origin"] == "*"
    assert answered.headers["cache-control"] == "no-store"


async def test_report__units__are_stored_sealed_and_not_as_in_lists(origin: AnOrigin) -> None:
    await report(origin, an_exposure("1", "ada"), an_exposure("2", ""), a_purchase("3", "ada"))

    first, second = await rows(origin)
    assert len(first.unit) == 8
    assert first.unit != Sealer(SECRET.encode(), "production").unit("ada")
    assert (await rows(origin, TRACKED))[0].unit == first.unit
    assert second.unit is None
    assert b"ada" not in repr(first).encode()


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        (START_MS - 5_000, START_MS - 5_000),
        (START_MS - 5_000.75, START_MS - 5_001 + 0),
        (START_MS - 29 * DAY_MS, START_MS - 29 * DAY_MS),
        (START_MS - 31 * DAY_MS, START_MS),
        (START_MS + 60_000, START_MS),
        (0, START_MS),
        (-(10**15), START_MS),
        (1e300, START_MS),
    ],
)
async def test_report__times__as_far_as_they_are_plausible(origin: AnOrigin, said: float, stored: int) -> None:
    await report(origin, an_exposure("1", at=said))

    assert [row.at_ms for row in await rows(origin)] == [stored]


async def test_report__folded_uses_and_attributes__kept(origin: AnOrigin) -> None:
    await report(origin, an_exposure("1", count=40), an_exposure("2", version="1-43"))
    await report(origin, a_purchase("3", attributes={"currency": "eur", "gift": None}))

    assert [(item["exposures"], item["units"]) for item in await counted(origin)] == [(41, 1)]
    assert [row.version for row in await rows(origin)] == ["", "1-43"]
    (purchase,) = await rows(origin, TRACKED)
    assert msgspec.json.decode(purchase.attributes) == {"currency": "eur", "gift": None}


async def test_report__largest_batch__taken(origin: AnOrigin) -> None:
    answered = await report(origin, *(an_exposure(f"e{number}", f"u{number}") for number in range(EVENTS.value)))

    assert answered.json()["accepted"] == EVENTS.value
    assert [item["units"] for item in await counted(origin)] == [EVENTS.value]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"events":', 400),
        (b'{"events":[' + b"0," * EVENTS.value + b"0]}", 400),
        (b" " * (EVENTS_BYTES.value + 1), 413),
    ],
)
async def test_report__whole_that_cannot_be_read__problem(origin: AnOrigin, content: bytes, status: int) -> None:
    answered = await send(origin, content, {"X-API-Key": origin.keys["client"]})

    assert answered.status_code == status
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.headers["access-control-allow-origin"] == "*"


async def test_report__keys_that_may_not__refused(origin: AnOrigin) -> None:
    unknown = f"fh_client_production_{'0' * 43}"
    elsewhere = f"fh_client_nowhere_{'0' * 43}"
    for key, status in (
        ("", 401),
        (unknown, 401),
        (elsewhere, 401),
        ("nonsense", 401),
        (origin.keys["admin"], 403),
    ):
        assert (await send(origin, body(an_exposure("1")), {"X-API-Key": key})).status_code == status
    in_url = await origin.client.post(f"/v1/events?key={origin.keys['server']}", content=body())
    assert in_url.status_code == 401
    assert await rows(origin) == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_events__other_methods__405(origin: AnOrigin, method: str) -> None:
    answered = await origin.client.request(method, "/v1/events")

    assert (answered.status_code, answered.headers["allow"]) == (405, "POST, OPTIONS")


async def test_events__preflight__lets_any_page_report(origin: AnOrigin) -> None:
    answered = await origin.client.options("/v1/events", headers={"Origin": "https://shop.example"})

    assert (answered.status_code, answered.headers["allow"]) == (204, "POST, OPTIONS")
    assert "POST" in answered.headers["access-control-allow-methods"]


async def test_report__database_away__503_and_nothing_acknowledged(origin: AnOrigin) -> None:
    async with origin.store._database.writing() as connection:
        await connection.exec_driver_sql("ALTER TABLE exposures RENAME TO lost_exposures")
    await lose_database(origin)
    answered = await report(origin, an_exposure("1"))

    assert answered.status_code == 503
    assert int(answered.headers["retry-after"]) > 0


async def test_report__many_at_once__each_told_of_its_own(origin: AnOrigin) -> None:
    answers = await asyncio.gather(
        *(report(origin, an_exposure(f"own-{number}"), an_exposure("shared")) for number in range(20))
    )

    accepted = [answered.json()["accepted"] for answered in answers]
    assert sorted(accepted) == [1] * 19 + [2]
    assert [item["exposures"] for item in await counted(origin)] == [21]


async def test_report__client_keys_past_their_rate__429_and_server_keys_go_on(
    anyio_backend: str, tmp_path: Path
) -> None:
    async with an_origin(tmp_path, events_per_second=200) as slow:
        burst: list[list[Event]] = [[an_exposure(f"{batch}-{n}") for n in range(1_000)] for batch in range(3)]
        assert [(await report(slow, *events)).status_code for events in burst] == [202, 202, 429]
        refused = await report(slow, *burst[2])
        assert refused.headers["retry-after"] == "5"
        assert "200 events per second" in refused.json()["detail"]
        assert (await report(slow, *burst[2], kind="server")).status_code == 202
        slow.clock.advance(5)
        assert (await report(slow, *burst[2])).json()["duplicates"] == 1_000


async def test_counts__window_and_flag__choose(origin: AnOrigin) -> None:
    await report(
        origin,
        an_exposure("1", at=START_MS - 3 * DAY_MS),
        an_exposure("2", at=START_MS - DAY_MS),
        an_exposure("3", at=START_MS - 8 * DAY_MS),
        an_exposure("4", flag="search", variant="off"),
    )

    async def seen(query: str) -> list[tuple[str, int]]:
        answered = (await origin.get(f"/exposures{query}")).json()
        assert answered["is_whole"]
        return [(item["flag"], item["exposures"]) for item in answered["items"]]

    start = START_MS // 1000
    assert await seen("") == [("checkout", 2), ("search", 1)]
    assert await seen("?flag=search") == [("search", 1)]
    assert await seen("?flag=none") == []
    assert await seen(f"?since={start - 9 * 86_400}") == [("checkout", 3), ("search", 1)]
    assert await seen(f"?since={start - 9 * 86_400}&until={start - 2 * 86_400}&flag=checkout") == [("checkout", 2)]


@pytest.mark.parametrize("query", ["since=tomorrow", "since=2000000000&until=1900000000", "since=1&since=2"])
@pytest.mark.parametrize("what", ["exposures", "tracked"])
async def test_counts__bad_window__400(origin: AnOrigin, what: str, query: str) -> None:
    assert (await origin.get(f"/{what}?{query}")).status_code == 400


async def test_counts__server_key__refused_by_name(origin: AnOrigin) -> None:
    refused = await origin.get("/exposures", kind="server")

    assert refused.status_code == 403
    assert "read exposures and tracked events" in refused.json()["detail"]


async def test_events__change_neither_version_nor_audit_log(origin: AnOrigin) -> None:
    await origin.put("/flags/checkout", a_document())
    before = await origin.version(), await origin.audit_targets()
    await report(origin, an_exposure("1"))

    assert (await origin.version(), await origin.audit_targets()) == before
