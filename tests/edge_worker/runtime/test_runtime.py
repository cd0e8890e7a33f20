"""The Worker in workerd: what only the real border between JavaScript and Python can show."""

import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from flaghoist_cli.local.edge_runtime import EdgeSettings, LocalEdge, build_bundle
from tests.builders import a_clause, a_flag
from tests.edge_worker.fakes import FakeOrigin
from tests.edge_worker.origin_server import origin_server
from tests.edge_worker.world import BOOTSTRAP, BULK
from tests.published import CLIENT_KEY, SECRET, Published, published
from tests.signing import a_signer

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

BEARER = {"Authorization": f"Bearer {CLIENT_KEY}"}
SIGNER, STRANGER = a_signer("5161bb0c9d0a7f3e"), a_signer("5161bb0c9d0a7f3e")
NOBODY_LISTENS = "http://127.0.0.1:9"


def a_snapshot() -> Published:
    now_ms = int(time.time() * 1000)
    local = a_flag("local").on().client_visible().variations("far", near="hier ✓", far="там")
    pro = a_flag("pro").on().client_visible().rule("pro", a_clause("plan", "in", "pro"), serve="on")
    return published(
        local.rule("here", a_clause("edge.country", "in", "DE"), a_clause("edge.bot", "in", False), serve="near"),
        pro.fallthrough("off"),
        committed_at_ms=now_ms,
        confirmed_at_ms=now_ms,
    ).but(signing_keys=(SIGNER.ref,))


@pytest.fixture(scope="module")
def origin() -> Iterator[tuple[str, FakeOrigin]]:
    with origin_server(a_snapshot()) as served:
        yield served


@pytest.fixture
async def edge(origin: tuple[str, FakeOrigin]) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of an edge whose KV fails and whose first origin is away."""
    build_bundle()
    variables = {"ENVIRONMENTS": "production", "ORIGINS": f"{NOBODY_LISTENS},{origin[0]}"}
    async with LocalEdge(EdgeSettings(secret=SECRET.decode(), variables=variables)) as running:
        await running.set_faults(binding="fail")
        async with httpx.AsyncClient(base_url=running.url, headers=BEARER, timeout=30) as client:
            yield client


async def bytes_without_length() -> AsyncIterator[bytes]:
    for _ in range(40):
        yield b" " * 1024


async def test_worker__kv_and_first_origin_away__answers_from_the_second_then_from_memory(
    edge: httpx.AsyncClient, origin: tuple[str, FakeOrigin]
) -> None:
    first = await edge.post(BOOTSTRAP, json={"edge.country": "FR"})
    assert (first.status_code, first.headers["Flaghoist-Level"]) == (200, "2")
    assert origin[1].edge_attributes[0]["edge.country"] == "DE"
    while (again := await edge.post(BOOTSTRAP, json={})).headers["Flaghoist-Level"] != "0":
        assert again.headers["Flaghoist-Level"] == "2"
    assert again.json()["flags"] == first.json()["flags"]
    assert again.json()["flags"]["local"]["value"] == "hier ✓"
    await check_memory(edge)
    await check_transport(edge)
    await check_signatures(edge)


async def check_memory(edge: httpx.AsyncClient) -> None:
    """A warm isolate: every route and method, read from memory."""
    bulk = await edge.post(BULK, json={})
    unchanged = await edge.post(BULK, json={}, headers={"If-None-Match": f'W/"x", {bulk.headers["ETag"]}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["ETag"] == bulk.headers["ETag"]
    assert bulk.headers["Access-Control-Allow-Origin"] == "*"
    assert (await edge.get(BOOTSTRAP, params={"context": "e30", "format": "values"})).json() == {
        "local": "hier ✓",
        "pro": False,
    }
    assert (await edge.post(f"{BULK}/local", json={})).json()["value"] == "hier ✓"
    assert (await edge.post(f"{BULK}/lo%63al", json={})).json()["key"] == "local"
    assert (await edge.options(BULK)).status_code == 204
    health = (await edge.get("/healthz")).json()
    assert health["python"].startswith("3.14.")
    assert health["environments"]["production"]["version"] == "1-1"
    assert "KV failed" in health["environments"]["production"]["kv_fault"]


async def check_transport(edge: httpx.AsyncClient) -> None:
    """Bodies and headers as only a network brings them."""
    announced = await edge.post(BULK, content=b" " * 200_000)
    assert (announced.status_code, announced.json()["limit"]) == (413, "request_bytes")
    unannounced = await edge.post(BULK, content=bytes_without_length())
    assert (unannounced.status_code, unannounced.json()["limit"]) == (413, "request_bytes")
    assert (await edge.post(BULK)).status_code == 400
    assert (await edge.head(BOOTSTRAP)).status_code == 405
    assert (await edge.post(BULK, json={}, headers={b"Authorization": "Bearer ÿ".encode("latin-1")})).status_code == 401


async def check_signatures(edge: httpx.AsyncClient) -> None:
    """The runtime's Web Crypto believes what the key has signed, and nothing else."""
    soon = int(time.time()) + 600
    good = SIGNER.token(exp=soon)

    async def asked(token: str) -> httpx.Response:
        return await edge.post(f"{BULK}/pro", json={"context": {}}, headers={"Flaghoist-Context": token})

    for _ in range(2):
        assert (await asked(good)).json()["value"] is True
    assert (await asked(SIGNER.token({"plan": "free"}, exp=soon))).json()["value"] is False
    signature = good.rpartition(".")[2]
    forgeries = {
        "another key": STRANGER.token(exp=soon),
        "another payload": f"{SIGNER.token({'plan': 'enterprise'}, exp=soon).rpartition('.')[0]}.{signature}",
        "a signature of zeros": f"{good.rpartition('.')[0]}.{'A' * len(signature)}",
    }
    for name, forged in forgeries.items():
        refused = await asked(forged)
        assert (refused.status_code, "tampered" in refused.json()["detail"]) == (401, True), name
    assert "has expired" in (await asked(SIGNER.token(exp=soon - 3600))).json()["detail"]
    body = await edge.post(BOOTSTRAP, json={"signedContext": good}, params={"format": "values"})
    assert body.json()["pro"] is True


async def test_worker__without_its_secret__says_how_to_set_it() -> None:
    build_bundle()
    async with LocalEdge(EdgeSettings()) as running, httpx.AsyncClient(base_url=running.url) as client:
        answer = await client.get("/healthz")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "wrangler secret put FLAGHOIST_SECRET" in answer.json()["detail"]
