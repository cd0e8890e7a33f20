"""Asking an origin over HTTP: what is sent, and which error each bad answer is."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from flaghoist.errors import FlaghoistError, KeyRefused, LimitExceeded, NotFound, Unavailable
from flaghoist.limits import Limit
from flaghoist.model.flags import SnapshotVersion
from flaghoist.sdk.datasource import source
from flaghoist.sdk.datasource.source import SnapshotSource, StreamEvent
from tests.published import ENVIRONMENT, SERVER_KEY
from tests.shared.sdk.making import ORIGIN
from tests.shared.sdk.scripted import Handler, recording

HELD = SnapshotVersion(1, 42)
STREAM = {"Content-Type": "text/event-stream"}


async def with_source(handler: Handler, held: SnapshotVersion | None, *, streams: bool) -> list[object]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as client:
        asked = SnapshotSource(client, ORIGIN, SERVER_KEY, ENVIRONMENT, request_seconds=1, silence_seconds=1)
        return [each async for each in asked.events(held)] if streams else [await asked.snapshot(held)]


def ask(handler: Handler, held: SnapshotVersion | None = None) -> object:
    return asyncio.run(with_source(handler, held, streams=False))[0]


def hear(handler: Handler, held: SnapshotVersion | None = None) -> list[object]:
    return asyncio.run(with_source(handler, held, streams=True))


def answering(status: int, content: bytes = b"", **headers: str) -> Handler:
    return lambda _: httpx.Response(status, content=content, headers=headers)


def test_snapshot__nothing_held__asks_for_all() -> None:
    seen: list[httpx.Request] = []
    assert ask(recording(seen, httpx.Response(200, content=b"{}"))) == b"{}"
    (request,) = seen
    assert str(request.url) == f"{ORIGIN}/api/v1/environments/production/snapshot"
    assert request.headers["authorization"] == f"Bearer {SERVER_KEY}"
    assert "if-none-match" not in request.headers


def test_snapshot__something_held__asks_for_what_changed() -> None:
    seen: list[httpx.Request] = []
    assert ask(recording(seen, httpx.Response(304)), HELD) is None
    assert (seen[0].url.query, seen[0].headers["if-none-match"]) == (b"since=1-42", '"1-42"')


def test_events__stream__gives_data_and_when_to_come_back() -> None:
    seen: list[httpx.Request] = []
    body = b'retry: 2000\n\nid: 1-43\nevent: patch\ndata: {"a":\ndata: 1}\n\n:\n\nid: 1-44\nevent: patch\ndata: {}\n\n'

    assert [
        each
        for each in hear(recording(seen, httpx.Response(200, content=body, headers=STREAM)), HELD)
        if each != StreamEvent("")
    ] == [
        StreamEvent("", 2000),
        StreamEvent('{"a":\n1}'),
        StreamEvent("{}"),
    ]
    assert str(seen[0].url) == f"{ORIGIN}/v1/stream?dialect=rules"
    assert seen[0].headers["last-event-id"] == "1-42"


@pytest.mark.parametrize(
    ("handler", "error", "told"),
    [
        (answering(401), KeyRefused, "refuses the key"),
        (answering(403), KeyRefused, "refuses the key"),
        (answering(404), NotFound, "check that origin names"),
        (answering(500), Unavailable, "answers 500"),
        (answering(302, Location="https://elsewhere.test"), Unavailable, "answers 302"),
    ],
    ids=["401", "403", "404", "500", "302"],
)
@pytest.mark.parametrize("way", [ask, hear])
def test_answer__that_is_no_good__is_named(
    way: Callable[[Handler], object], handler: Handler, error: type[FlaghoistError], told: str
) -> None:
    with pytest.raises(error, match=told):
        way(handler)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("Mon, 23 Nov 2026 08:00:00 GMT", 0)])
def test_answer__that_asks_for_a_pause__says_how_long(header: str, seconds: int) -> None:
    with pytest.raises(Unavailable) as found:
        ask(lambda _: httpx.Response(503, headers={"Retry-After": header}))
    assert found.value.retry_after_seconds == seconds


@pytest.mark.parametrize("way", [ask, hear])
def test_connection__that_fails__is_unavailable(way: Callable[[Handler], object]) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with pytest.raises(Unavailable, match=r"origin\.test cannot be reached \(connection refused\)"):
        way(refuse)


def test_events__page_of_a_proxy__is_unavailable() -> None:
    with pytest.raises(Unavailable, match="text/event-stream"):
        hear(lambda _: httpx.Response(200, content=b"<html>", headers={"Content-Type": "text/html"}))


LINES = 8 * b"data: 12345\n"


@pytest.mark.parametrize(
    ("chunks", "fits"),
    [
        ([b"x" * 16], True),
        ([b"x" * 16, b"x"], False),
        ([LINES], True),
        ([b"x" * 10 + b"\n" + b"x" * 10, b"x" * 6 + b"\n"], True),
        ([b"x\n" + b"x" * 10, b"x" * 10], False),
    ],
    ids=["at-limit", "past-limit", "many-lines", "line-over-chunks", "line-past-limit"],
)
def test_bounded__line__is_limited(chunks: list[bytes], fits: bool) -> None:
    class Body(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for chunk in chunks:
                yield chunk

    async def read() -> bytes:
        return b"".join([chunk async for chunk in source.Bounded(Body(), Limit("line_bytes", 16, "for this test"))])

    if fits:
        assert asyncio.run(read()) == b"".join(chunks)
        return
    with pytest.raises(LimitExceeded, match="line_bytes is limited to 16"):
        asyncio.run(read())
