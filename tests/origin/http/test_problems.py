"""Errors over HTTP: what was foreseen is explained, what was not is told to the log alone."""

import logging

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from flaghoist.errors import SnapshotCorrupt, Unavailable
from flaghoist_origin.http.resources.problems import HANDLERS, LastResort
from flaghoist_origin.observability.outages import Outages
from tests.origin.an_origin import StandingClock

pytestmark = pytest.mark.anyio


async def unforeseen(_: Request) -> None:
    raise RuntimeError("the password is swordfish")


async def away(_: Request) -> None:
    raise Unavailable("the database does not answer", 7)


async def corrupt(_: Request) -> None:
    raise SnapshotCorrupt("shard abc does not match")


async def gone(_: Request) -> None:
    raise ClientDisconnect


async def half(_: Request) -> StreamingResponse:
    async def body() -> object:
        yield b"half"
        raise RuntimeError("in the middle")

    return StreamingResponse(body())  # type: ignore[arg-type]


def client() -> httpx.AsyncClient:
    routes = [
        Route("/api/unforeseen", unforeseen),
        Route("/ofrep/v1/evaluate/flags", unforeseen, methods=["POST"]),
        Route("/api/away", away),
        Route("/api/corrupt", corrupt),
        Route("/api/gone", gone),
        Route("/api/half", half),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(LastResort)], exception_handlers=dict(HANDLERS))
    app.state.outages = Outages(StandingClock().now_ms)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://origin.test")


async def test_unforeseen__exception__opaque_with_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with client() as http:
        response = await http.get("/api/unforeseen")

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "swordfish" not in response.text
    assert "swordfish" in caplog.text
    assert "Traceback" in caplog.text


async def test_unforeseen__on_ofrep__carries_details_and_cors(caplog: pytest.LogCaptureFixture) -> None:
    async with client() as http:
        response = await http.post("/ofrep/v1/evaluate/flags", json={})

    assert response.status_code == 500
    assert "errorDetails" in response.json()
    assert response.headers["access-control-allow-origin"] == "*"
    assert "swordfish" not in response.text
    assert "swordfish" in caplog.text


async def test_unavailable__says_when_to_return(caplog: pytest.LogCaptureFixture) -> None:
    async with client() as http:
        response = await http.get("/api/away")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "7"
    assert response.json()["type"].endswith(":unavailable")


async def test_server_fault__foreseen__is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with client() as http:
        response = await http.get("/api/corrupt")

    assert response.status_code == 500
    assert [record.levelno for record in caplog.records if record.name == "flaghoist.origin"] == [logging.ERROR]


async def test_client__gone__is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    async with client() as http:
        await http.get("/api/gone")

    assert not caplog.records


async def test_unforeseen__after_the_answer_began__is_passed_on(caplog: pytest.LogCaptureFixture) -> None:
    async with client() as http:
        with pytest.raises(BaseException, match="in the middle"):
            await http.get("/api/half")


async def test_unknown_path__api__names_the_base() -> None:
    async with client() as http:
        response = await http.get("/api/none")

    assert response.status_code == 404
    assert "/api/v1/environments/" in response.json()["detail"]
