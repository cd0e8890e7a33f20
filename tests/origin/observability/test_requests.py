"""Requests: an id that is echoed and found again, and one line each that holds nothing of what the caller wrote."""

import asyncio
import io
import re
from pathlib import Path

import httpx
import msgspec
import pytest

from flaghoist_origin.http.app import create_app
from flaghoist_origin.observability.access_log import AccessLog, RequestRecord
from flaghoist_origin.observability.request_ids import request_id
from flaghoist_origin.storage.store import Store
from tests.origin.an_origin import BASE, AnOrigin, StandingClock, prepare, settings_in

pytestmark = pytest.mark.anyio

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-request-id": "deploy-42"}, "deploy-42"),
        ({"traceparent": TRACE}, TRACE[3:35]),
        ({"traceparent": TRACE, "x-request-id": "deploy-42"}, "deploy-42"),
        ({"traceparent": TRACE, "x-request-id": "not one"}, TRACE[3:35]),
    ],
)
def test_request_id__well_formed__taken(headers: dict[str, str], expected: str) -> None:
    assert request_id((name.encode(), value.encode()) for name, value in headers.items()) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-request-id", "with space"),
        ("x-request-id", "a" * 129),
        ("x-request-id", "line\nbreak"),
        ("x-request-id", ""),
        ("traceparent", TRACE.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32)),
        ("traceparent", TRACE[:-4]),
    ],
)
def test_request_id__malformed__made_anew(name: str, value: str) -> None:
    made = request_id([(name.encode(), value.encode())])

    assert re.fullmatch(r"[0-9a-f]{24}", made)


async def test_answer__every_one__echoes_the_id(origin: AnOrigin) -> None:
    sent = {"X-Request-Id": "deploy-42"}
    paths = ("/healthz", "/nowhere", f"{BASE}/flags", "/v1/bootstrap")
    responses = [await origin.client.get(path, headers=sent) for path in paths]

    assert [response.headers.get_list("x-request-id") for response in responses] == [["deploy-42"]] * len(paths)


async def test_problem__of_the_api__names_the_request(origin: AnOrigin) -> None:
    response = await origin.client.get(f"{BASE}/flags", headers={"X-Request-Id": "deploy-42"})

    assert response.json()["instance"] == "urn:flaghoist:request:deploy-42"


class Lines:
    """An origin whose access lines can be read."""

    def __init__(self, client: httpx.AsyncClient, stream: io.StringIO, log: AccessLog, key: str, key_id: str) -> None:
        self.client, self._stream, self._log, self.key, self.key_id = client, stream, log, key, key_id

    def read(self) -> list[dict[str, object]]:
        self._log.flush()
        return [msgspec.json.decode(line) for line in self._stream.getvalue().splitlines()]


@pytest.fixture
async def lines(anyio_backend: str, tmp_path: Path) -> object:
    """Start an origin that writes access lines."""
    stream = io.StringIO()
    log = AccessLog("json", stream, now_seconds=lambda: 1_800_000_000.25)
    key = (await prepare(tmp_path)).keys["client"]
    settings = settings_in(tmp_path)
    store = Store(settings.url, StandingClock())
    app = create_app(settings, store=store, kv=None, clock=StandingClock(), access=log)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://origin.test") as client,
    ):
        record = app.state.services.environments.get("production").record
        yield Lines(client, stream, log, key, next(held.id for held in record.keys if held.kind == "client"))
    await store.close()


async def test_access_line__evaluation__template_and_key_id_alone(lines: Lines) -> None:
    context = {"context": {"targetingKey": "ada@example.org"}}
    headers = {"X-API-Key": lines.key, "X-Request-Id": "r-1"}
    await lines.client.post("/ofrep/v1/evaluate/flags/hidden-flag?x=ada", json=context, headers=headers)

    (line,) = lines.read()

    assert line.pop("ms") is not None
    assert line == {
        "time": "2027-01-15T08:00:00.250Z",
        "level": "info",
        "logger": "flaghoist.access",
        "message": "request",
        "request_id": "r-1",
        "method": "POST",
        "route": "/ofrep/v1/evaluate/flags/{key}",
        "status": 404,
        "key": lines.key_id,
    }


async def test_access_line__probes__leave_none(lines: Lines) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        await lines.client.get(path)

    assert lines.read() == []


async def test_access_line__unknown_key__none_named(lines: Lines) -> None:
    await lines.client.get(f"{BASE}/flags", headers={"Authorization": f"Bearer {lines.key[:-1]}~"})

    (line,) = lines.read()

    assert (line["key"], line["status"]) == ("", 401)


async def test_access_log__many_requests__written_together_by_itself() -> None:
    stream = io.StringIO()
    log = AccessLog("text", stream)
    for number in range(3):
        log.record_request(RequestRecord(f"r-{number}", "GET", "/x", 200, 0.001, ""))
    held = stream.getvalue()
    async with asyncio.timeout(10):
        while not stream.getvalue():
            await asyncio.sleep(0.01)

    assert held == ""
    assert [line.rpartition("=")[2] for line in stream.getvalue().splitlines()] == ["r-0", "r-1", "r-2"]
