"""The change stream: each version once and in order, in three dialects, from wherever the client stands."""

import asyncio
import itertools
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import delete

from flaghoist_origin.storage.database.tables import VERSION_LOG
from flaghoist_origin.streams.events import HEARTBEAT
from tests.origin.an_origin import AnOrigin, Prepared, a_document, an_origin
from tests.origin.streams.listening import Heard, listening

pytestmark = pytest.mark.anyio


NUMBERS = itertools.count(1)


async def change(origin: AnOrigin, count: int = 1, key: str = "a", **members: object) -> None:
    """Write a flag so many times, each time with another description."""
    for _ in range(count):
        document = a_document(description=str(next(NUMBERS)), **members)
        response = await origin.put(f"/flags/{key}", document, if_match="*")
        if response.status_code == 412:
            response = await origin.put(f"/flags/{key}", document)
        assert response.is_success, response.text


def ids(first: int, last: int, epoch: int = 1) -> list[str]:
    return [f"{epoch}-{number}" for number in range(first, last + 1)]


async def test_stream__server_key__put_then_patches_with_rules(origin: AnOrigin) -> None:
    await change(origin)
    async with listening(origin) as stream:
        (put,) = await stream.heard(1)
        await change(origin, on=False)
        _, patch = await stream.heard(2)

    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream"
    assert stream.text.startswith("retry: ")
    assert (put.id, put.event) == ("1-1", "put")
    assert put.data == {**(await snapshot(origin, put.data["flags"])), "epoch": 1, "version": 1}
    assert (patch.id, patch.event, patch.data["since"]) == ("1-2", "patch", "1-1")
    assert [flag["on"] for flag in patch.data["flags"]] == [False]
    assert patch.data["removed"] == {"flags": [], "segments": [], "groups": []}


async def snapshot(origin: AnOrigin, flags: object) -> dict[str, object]:
    found: dict[str, object] = (await origin.get("/snapshot")).json()
    return {**found, "flags": flags}


async def test_stream__client_key_in_url__refetch_events_without_keys_or_values(origin: AnOrigin) -> None:
    async with listening(origin, "client", in_url=True) as stream:
        await change(origin, key="secret-plan")
        await change(origin, key="shown", client_visible=True)
        heard = await stream.heard(2)

    assert heard == [Heard(each, "message", {"type": "refetchEvaluation", "etag": each}) for each in ("1-1", "1-2")], (
        "a change that clients cannot see counts as well: their ETag has changed"
    )
    assert "secret-plan" not in stream.text
    assert stream.headers["access-control-allow-origin"] == "*"


async def test_stream__notices__name_what_the_key_may_see(origin: AnOrigin) -> None:
    async with (
        listening(origin, "client", "dialect=notices") as public,
        listening(origin, "server", "dialect=notices") as all_of_it,
        listening(origin, "admin") as admin,
    ):
        await change(origin, key="hidden")
        await change(origin, key="shown", client_visible=True)
        await origin.put("/segments/staff", {"included": ["ada"]})
        told = [[heard.data["changes"] for heard in await each.heard(3)] for each in (public, all_of_it, admin)]

    hidden, shown = ({"collection": "flags", "key": key, "action": "created"} for key in ("hidden", "shown"))
    staff = {"collection": "segments", "key": "staff", "action": "created"}
    assert told == [[[], [shown], []], [[hidden], [shown], [staff]], [[hidden], [shown], [staff]]]
    assert [heard.event for heard in public.events] == ["change"] * 3
    assert public.ids == ids(1, 3)


async def test_stream__removed_entities__are_named(origin: AnOrigin) -> None:
    await origin.put("/segments/staff", {"included": ["ada"]})
    async with listening(origin, query="since=1-1") as stream:
        await origin.delete("/segments/staff")
        (patch,) = await stream.heard(1)

    assert patch.data["removed"]["segments"] == ["staff"]
    assert patch.data["segments"] == []


@pytest.mark.parametrize("kind", ["client", "server"])
@pytest.mark.parametrize("by", ["Last-Event-ID", "since", "bare since"])
async def test_stream__away_for_some_changes__exactly_those_in_order(origin: AnOrigin, kind: str, by: str) -> None:
    await change(origin, 5)
    query = {"since": "since=1-2", "bare since": "since=2"}.get(by, "since=1-4")
    async with listening(origin, kind, query, last="1-2" if by == "Last-Event-ID" else "") as stream:
        await change(origin, 2)
        await stream.heard(5)

    assert stream.ids == ids(3, 7)
    assert {heard.event for heard in stream.events} == {"message" if kind == "client" else "patch"}


async def test_stream__away_for_500_changes_and_more_than_memory_holds__exactly_those_in_order(
    prepared: Prepared, tmp_path: Path
) -> None:
    async with an_origin(tmp_path, prepared=prepared) as origin:
        await change(origin, 503)
    async with (
        an_origin(tmp_path, prepared=prepared, stream_buffer_versions=10) as origin,
        listening(origin, last="1-3") as stream,
    ):
        await change(origin, 1)
        heard = await stream.heard(501)

    assert stream.ids == ids(4, 504)
    assert [each.data["since"] for each in heard] == ids(3, 503)
    assert {each.event for each in heard} == {"patch"}


@pytest.mark.parametrize(
    ("last", "why"), [("1-2", "pruned"), ("7-1", "other epoch"), ("1-99", "ahead"), ("nonsense", "not ours")]
)
@pytest.mark.parametrize(("kind", "event"), [("server", "put"), ("client", "message")])
async def test_stream__past_the_log__one_put(origin: AnOrigin, last: str, why: str, kind: str, event: str) -> None:
    await change(origin, 6)
    async with origin.store._database.writing() as connection:
        await connection.execute(delete(VERSION_LOG).where(VERSION_LOG.c.version < 5))

    async with listening(origin, kind, last=last) as stream:
        await change(origin, 1)
        await stream.heard(2)

    assert stream.ids == ["1-6", "1-7"], why
    assert stream.events[0].event == event


async def test_stream__up_to_date__hears_nothing_but_what_comes(origin: AnOrigin) -> None:
    await change(origin, 2)
    async with listening(origin, query="since=1-2") as stream:
        await change(origin)
        await stream.heard(1)

    assert stream.ids == ["1-3"]


async def test_stream__without_place__told_where_it_stands_but_no_event(origin: AnOrigin) -> None:
    await change(origin, 2)
    async with listening(origin, "client") as stream:
        pass

    assert stream.events == []
    assert "id: 1-2\n\n" in stream.text


async def test_stream__epoch_raised__put_of_the_new_epoch(origin: AnOrigin) -> None:
    await change(origin, 2)
    async with listening(origin, query="since=1-2") as stream:
        await origin.store.raise_epoch("production", 3)
        await origin.services.environments.refresh("production")
        await stream.heard(1)
        await change(origin)
        await stream.heard(2)

    assert [(heard.id, heard.event) for heard in stream.events] == [("3-3", "put"), ("3-4", "patch")]


async def test_stream__written_at_another_origin__each_version_once_and_in_order(origin: AnOrigin) -> None:
    async with listening(origin, query="since=1-0") as stream:
        async with an_origin(origin.folder, prepared=origin.prepared) as other:
            await change(other, 3)
        await origin.services.environments.refresh_all()
        await change(origin)
        await stream.heard(4)

    assert stream.ids == ids(1, 4)


async def test_stream__client_knows_of_a_version_of_another_origin__waits_for_it(origin: AnOrigin) -> None:
    await change(origin)
    async with an_origin(origin.folder, prepared=origin.prepared) as other:
        await change(other, 2)
    async with listening(origin, last="1-3") as stream:
        await change(origin)
        await stream.heard(1)

    assert stream.ids == ["1-4"]


@pytest.mark.parametrize("kind", ["client", "server", "admin"])
async def test_stream__key_revoked__ends(origin: AnOrigin, kind: str) -> None:
    role = {"role": "viewer"} if kind == "admin" else {}
    issued = (await origin.post("/keys", {"kind": kind, "name": "short-lived", **role})).json()
    async with listening(origin, key=issued["key"]) as stream, listening(origin, kind) as other:
        await origin.delete(f"/keys/{issued['id']}")
        await stream.completed()

        assert not other.is_complete
    async with listening(origin, key=issued["key"]) as refused:
        assert refused.status == 401


async def test_stream__key_expires__ends(origin: AnOrigin) -> None:
    expires_at = origin.clock.now_ms() // 1000 + 60
    issued = (await origin.post("/keys", {"kind": "client", "name": "guest", "expires_at": expires_at})).json()
    async with listening(origin, key=issued["key"]) as stream:
        origin.clock.advance(61)
        await stream.completed()


async def test_stream__environment_removed__ends(origin: AnOrigin) -> None:
    environments = origin.services.environments
    async with listening(origin) as stream, listening(origin, "client") as other:
        environments._states.clear()
        for subscriber in environments.subscribers:
            subscriber.notify("production")
        await stream.completed()
        await other.completed()


async def test_stream__quiet_for_the_heartbeat__comment(origin: AnOrigin) -> None:
    async with listening(origin, "client") as stream:
        origin.services.streams.look_after(asyncio.get_running_loop().time() + 31)
        await stream.until(lambda: stream.text.endswith(HEARTBEAT.decode()))

    assert stream.events == []


async def test_stream__client_gone__is_forgotten(origin: AnOrigin) -> None:
    async with listening(origin), listening(origin, "client"):
        assert origin.services.streams.count == 2

    assert origin.services.streams.count == 0


async def test_stream__full__200_with_a_long_wait_and_nothing_else(prepared: Prepared, tmp_path: Path) -> None:
    async with an_origin(tmp_path, prepared=prepared, stream_limit=1, stream_full_retry_seconds=100.0) as origin:
        async with listening(origin, "client"), listening(origin, "client") as turned_away:
            assert (turned_away.status, turned_away.is_complete) == (200, True)
        async with listening(origin, "client") as taken:
            assert not taken.is_complete

    retry = int(turned_away.text.partition("retry: ")[2].partition("\n")[0])
    assert 50_000 <= retry <= 150_000
    assert turned_away.events == []


async def test_stream__many_public_clients__leave_places_to_servers(prepared: Prepared, tmp_path: Path) -> None:
    async with an_origin(tmp_path, prepared=prepared, stream_limit=10) as origin, AsyncExitStack() as held:
        for _ in range(9):
            await held.enter_async_context(listening(origin, "client"))
        public = await held.enter_async_context(listening(origin, "client"))
        server = await held.enter_async_context(listening(origin, "server"))
        assert (public.is_complete, server.is_complete) == (True, False)


async def test_stream__origin_ends__clients_are_sent_away_at_different_moments(origin: AnOrigin) -> None:
    async with listening(origin) as first, listening(origin) as second:
        origin.services.streams.drain()
        for stream in (first, second):
            await stream.completed()
        async with listening(origin) as late:
            assert (late.status, late.is_complete) == (200, True)

    waits = {stream.text.rpartition("retry: ")[2].partition("\n")[0] for stream in (first, second)}
    assert len(waits) == 2
    assert all(100 <= int(wait) <= 5_000 for wait in waits)


@pytest.mark.parametrize(
    ("kind", "query", "status"),
    [
        ("client", "dialect=rules", 403),
        ("server", "dialect=poems", 400),
        ("server", "since=yesterday", 400),
        ("server", "since=1-1&since=1-2", 400),
    ],
)
async def test_stream__asked_wrongly__problem(origin: AnOrigin, kind: str, query: str, status: int) -> None:
    async with listening(origin, kind, query) as stream:
        assert stream.status == status


@pytest.mark.parametrize(("kind", "status"), [("server", 401), ("admin", 403), ("client", 200)])
async def test_stream__key_in_url__only_client_keys(origin: AnOrigin, kind: str, status: int) -> None:
    async with listening(origin, kind, in_url=True) as stream:
        assert stream.status == status
        assert origin.keys[kind] not in stream.text


async def test_stream__other_methods__refused_and_preflight_answered(origin: AnOrigin) -> None:
    preflight = await origin.client.request("OPTIONS", "/v1/stream")
    posted = await origin.client.request("POST", "/v1/stream")

    assert preflight.status_code == 204
    assert "Last-Event-ID" in preflight.headers["access-control-allow-headers"]
    assert posted.status_code == 405
