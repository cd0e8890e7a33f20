"""Build calls as servers hand them over, and take answers apart."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping

import msgspec

from flaghoist.answers.answering import answer
from flaghoist.answers.serving_snapshot import ServingSnapshot
from flaghoist.model.flags import JsonValue
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.requests import Freshness, Request, Response
from tests.published import CLIENT_KEY, NOW_MS

BULK = "/ofrep/v1/evaluate/flags"
BOOTSTRAP = "/v1/bootstrap"
FRESH = Freshness()


def a_request(
    path: str,
    body: bytes = b"{}",
    *,
    method: str = "POST",
    query: str = "",
    key: str = CLIENT_KEY,
    headers: Mapping[str, str] | None = None,
) -> Request:
    """Return a call with a bearer key; an empty ``key`` sends none."""
    bearer = {"authorization": f"Bearer {key}"} if key else {}
    return Request(method, path, query, {**bearer, **(headers or {})}, body)


def ofrep_body(context: object) -> bytes:
    """Return an OFREP body."""
    return msgspec.json.encode({"context": context})


def in_query(context: object) -> str:
    """Return the query of a GET with this context."""
    return "context=" + urlsafe_b64encode(msgspec.json.encode(context)).decode().rstrip("=")


def ask(
    held: ServingSnapshot,
    path: str,
    context: Mapping[str, JsonValue] | None = None,
    *,
    freshness: Freshness = FRESH,
    edge: Mapping[str, JsonValue] | None = None,
    key: str = CLIENT_KEY,
    query: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer to a POST of the context."""
    body = ofrep_body(context or {}) if path != BOOTSTRAP else msgspec.json.encode(context or {})
    evaluation = read_evaluation(a_request(path, body, key=key, query=query, headers=headers))
    return answer(evaluation, held, freshness, now_ms=NOW_MS, edge_attributes=edge or {})


def tree(response: Response) -> dict[str, JsonValue]:
    """Return a response's JSON object."""
    return msgspec.json.decode(response.body, type=dict[str, JsonValue])
