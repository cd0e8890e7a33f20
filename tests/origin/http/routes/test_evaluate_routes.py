"""Evaluation at the origin: the same answers as `shared.answers` gives, marked with where they come from."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping

import httpx
import msgspec
import pytest

from flaghoist.answers.answering import answer
from flaghoist.limits import REQUEST_BYTES
from flaghoist.model.flags import JsonValue
from flaghoist.protocol.edge_origin import edge_token
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.requests import Freshness, Request
from tests.origin.an_origin import SECRET, AnOrigin, a_document

pytestmark = pytest.mark.anyio
BULK = "/ofrep/v1/evaluate/flags"
GERMANS = {
    "id": "de",
    "clauses": [{"attribute": "edge.country", "op": "in", "values": ["DE"]}],
    "serve": {"variation": "on"},
}
TOKEN = {"Flaghoist-Edge-Token": edge_token(SECRET.encode())}


def said_by_an_edge(**attributes: JsonValue) -> dict[str, str]:
    """Return the header by which an edge says what it knows about the user's request."""
    named = {f"edge.{name}": value for name, value in attributes.items()}
    return {"Flaghoist-Edge-Attributes": urlsafe_b64encode(msgspec.json.encode(named)).decode()}


@pytest.fixture
async def serving(origin: AnOrigin) -> AnOrigin:
    """Start an origin with a visible flag, a hidden one, and one that asks for the country."""
    await origin.put("/flags/checkout", a_document(client_visible=True))
    await origin.put("/flags/hidden", a_document())
    off = {"variation": "off"}
    await origin.put("/flags/german", a_document(client_visible=True, rules=[GERMANS], fallthrough=off))
    return origin


async def ask(
    origin: AnOrigin,
    path: str = BULK,
    body: object = None,
    kind: str = "server",
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    sent = {"Authorization": f"Bearer {origin.keys[kind]}", **(headers or {})}
    return await origin.client.post(
        path, json={"context": {"targetingKey": "ada"}} if body is None else body, headers=sent
    )


def values(response: httpx.Response) -> dict[str, object]:
    return {flag["key"]: flag["value"] for flag in response.json()["flags"]}


@pytest.mark.parametrize(
    ("request_line", "body"),
    [
        (f"POST {BULK}?", b'{"context": {"targetingKey": "ada"}}'),
        (f"POST {BULK}/checkout?", b"{}"),
        (f"POST {BULK}/check%6Fut?", b'{"context": {}}'),
        (f"POST {BULK}/none?", b"{}"),
        ("POST /v1/bootstrap?", b'{"targetingKey": "ada"}'),
        ("GET /v1/bootstrap?format=values", b""),
        ("POST /v1/bootstrap?format=ofrep&min_version=1-1", b"{}"),
    ],
)
@pytest.mark.parametrize("kind", ["client", "server"])
async def test_evaluate__any_call__equals_shared_answers(
    serving: AnOrigin, kind: str, request_line: str, body: bytes
) -> None:
    method, target = request_line.split()
    path, query = target.split("?")
    held = serving.services.environments.get("production").serving
    headers = {"authorization": f"Bearer {serving.keys[kind]}"}
    expected = answer(
        read_evaluation(Request(method, path, query, headers, body)),
        held,
        Freshness(level=0),
        now_ms=serving.clock.now_ms(),
    )

    response = await serving.client.request(method, target, content=body, headers=headers)

    assert (response.status_code, response.content) == (expected.status, expected.body)
    assert {name: response.headers[name] for name in expected.headers} == dict(expected.headers)


async def test_evaluate__etag_sent_back__304(serving: AnOrigin) -> None:
    first = await ask(serving)

    again = await ask(serving, headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


async def test_evaluate__client_key__hidden_flags_left_out(serving: AnOrigin) -> None:
    assert set(values(await ask(serving, kind="client"))) == {"checkout", "german"}
    assert set(values(await ask(serving, kind="server"))) == {"checkout", "german", "hidden"}


async def test_evaluate__direct__level_0_and_edge_attributes_stripped(serving: AnOrigin) -> None:
    body = {"context": {"edge": {"country": "DE"}, "edge.country": "DE"}}

    response = await ask(serving, body=body, headers=said_by_an_edge(country="DE"))

    assert response.headers["flaghoist-level"] == "0"
    assert values(response)["german"] is False


async def test_evaluate__forwarded_by_an_edge__level_2_and_its_attributes_count(serving: AnOrigin) -> None:
    response = await ask(serving, headers={**TOKEN, **said_by_an_edge(country="DE")})

    assert response.headers["flaghoist-level"] == "2"
    assert values(response)["german"] is True


async def test_evaluate__forwarded_by_an_edge__client_still_cannot_claim_a_country(serving: AnOrigin) -> None:
    body = {"context": {"edge.country": "DE"}}

    response = await ask(serving, body=body, headers={**TOKEN, **said_by_an_edge(country="FR")})

    assert values(response)["german"] is False


async def test_evaluate__token_of_another_secret__counts_as_direct(serving: AnOrigin) -> None:
    wrong = {"Flaghoist-Edge-Token": edge_token(b"another secret")}

    response = await ask(serving, headers={**wrong, **said_by_an_edge(country="DE")})

    assert response.headers["flaghoist-level"] == "0"
    assert values(response)["german"] is False


@pytest.mark.parametrize("sent", ["%%%", "a", urlsafe_b64encode(b"[1]").decode(), urlsafe_b64encode(b"{").decode()])
async def test_evaluate__malformed_attributes_of_an_edge__400(serving: AnOrigin, sent: str) -> None:
    response = await ask(serving, headers={**TOKEN, "Flaghoist-Edge-Attributes": sent})

    assert response.status_code == 400


async def test_evaluate__other_names_said_by_an_edge__ignored(serving: AnOrigin) -> None:
    said = urlsafe_b64encode(b'{"country": "DE", "edge.country": "FR"}').decode()

    response = await ask(serving, headers={**TOKEN, "Flaghoist-Edge-Attributes": said})

    assert values(response)["german"] is False


async def test_evaluate__floor_beyond_what_is_held__database_read_again(serving: AnOrigin) -> None:
    await serving.store.raise_epoch("production", 5)

    response = await ask(serving, f"{BULK}?min_version=5-4")

    assert response.headers["flaghoist-version"] == "5-4"


async def test_evaluate__body_beyond_the_limit__413(serving: AnOrigin) -> None:
    response = await ask(serving, body={"context": {"text": "x" * REQUEST_BYTES.value}})

    assert response.status_code == 413
    assert response.json()["limit"] == REQUEST_BYTES.name


async def test_evaluate__body_without_announced_length__stopped_at_the_limit(serving: AnOrigin) -> None:
    chunk, sent = b" " * 1024, 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * REQUEST_BYTES.value:
            sent += len(chunk)
            yield chunk

    headers = {"Authorization": f"Bearer {serving.keys['server']}"}
    response = await serving.client.post(BULK, content=endless(), headers=headers)

    assert response.status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer nonsense"}, 401),
        ({"Authorization": "Bearer fh_server_none_" + "0" * 43}, 401),
        ({"Authorization": "Bearer fh_server_production_" + "0" * 43}, 401),
        ({"Authorization": "Bearer fh_admin_production_" + "0" * 43}, 403),
    ],
)
async def test_evaluate__key_that_opens_nothing__problem_body(
    serving: AnOrigin, headers: dict[str, str], status: int
) -> None:
    response = await serving.client.post(BULK, json={}, headers=headers)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == "*"


async def test_evaluate__options__preflight(serving: AnOrigin) -> None:
    response = await serving.client.options(BULK, headers={"Origin": "https://page.test"})

    assert response.status_code == 204
    assert "POST" in response.headers["access-control-allow-methods"]
    assert response.headers["allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("path", ["/nope", f"{BULK}/a/b"])
async def test_evaluate__options_of_nothing__404_as_at_the_edge(serving: AnOrigin, path: str) -> None:
    response = await serving.client.options(path, headers={"Origin": "https://page.test"})

    assert response.status_code == 404
    assert response.json()["type"] == "urn:flaghoist:problem:not-found"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_evaluate__method_not_taken__405_with_allow(serving: AnOrigin, method: str) -> None:
    response = await serving.client.request(method, BULK)

    assert response.status_code == 405
    assert response.headers["allow"] == "POST, OPTIONS"


async def test_evaluate__no_such_ofrep_path__404(serving: AnOrigin) -> None:
    response = await ask(serving, f"{BULK}/a/b")

    assert response.status_code == 404
