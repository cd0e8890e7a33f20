"""Evaluation over HTTP, for direct callers and for edges that cannot answer themselves.

`flaghoist.answers` decides the answers; the edge runs the same code.
"""

from collections.abc import Mapping

import msgspec
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from flaghoist.answers.answering import answer
from flaghoist.answers.streams import NOWHERE
from flaghoist.answers.verification import verify_context
from flaghoist.errors import FlaghoistError, KeyRefused, NotFound, Unavailable
from flaghoist.limits import REQUEST_BYTES
from flaghoist.model.flags import JsonValue
from flaghoist.protocol.cors import preflight
from flaghoist.protocol.edge_origin import ATTRIBUTES_HEADER, decode_attributes
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.problems import refuse
from flaghoist.protocol.requests import EvaluationRequest, Freshness
from flaghoist.protocol.requests import Request as PlainRequest
from flaghoist.protocol.requests import Response as PlainResponse
from flaghoist_origin.http.operations.evaluation import EVALUATIONS
from flaghoist_origin.http.resources.bodies import read_body
from flaghoist_origin.http.resources.edges import is_edge
from flaghoist_origin.http.resources.resource import DescribedRoute
from flaghoist_origin.keys.key_secrets import hash_of
from flaghoist_origin.keys.signatures import verify
from flaghoist_origin.observability.requests import set_key_id
from flaghoist_origin.services.services import Services, services_of
from flaghoist_origin.serving.environment_state import EnvironmentState

DIRECT = Freshness(level=0)
FOR_AN_EDGE = Freshness(level=2)
NO_ATTRIBUTES: Mapping[str, JsonValue] = {}


def evaluation_routes() -> list[BaseRoute]:
    """Return the evaluation routes; they accept every method, because the answers decide about methods."""
    register_url_convertor("rest", _RestOfPath())
    return [DescribedRoute(path, EvaluationApp(), operations) for path, operations in EVALUATIONS.items()]


class _RestOfPath(Convertor[str]):
    """The rest of the path, line breaks included: the validity of flag keys is checked elsewhere."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """Return the value unchanged."""
        return value

    def to_string(self, value: str) -> str:
        """Return the value unchanged."""
        return value


class EvaluationApp:
    """The ASGI application behind every evaluation route."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        plain = await _respond(request)
        await Response(plain.body, plain.status, headers=dict(plain.headers))(scope, receive, send)


async def _respond(request: Request) -> PlainResponse:
    plain = _plain_request(request, b"")
    try:
        if plain.method == "OPTIONS":
            return preflight(plain)
        plain = _plain_request(request, await read_body(request, REQUEST_BYTES))
        return await _evaluate(request, read_evaluation(plain))
    except FlaghoistError as error:
        return refuse(error, plain)


def _plain_request(request: Request, body: bytes) -> PlainRequest:
    scope = request.scope
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    return PlainRequest(
        method=request.method,
        path=raw_path.decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers={name: ", ".join(request.headers.getlist(name)) for name in set(request.headers.keys())},
        body=body,
    )


async def _evaluate(request: Request, evaluation: EvaluationRequest) -> PlainResponse:
    services = services_of(request)
    state = await _state(services, evaluation)
    set_key_id(request.scope, state.key_ids.get(hash_of(evaluation.key), ""))
    is_forwarded = is_edge(request)
    snapshot = state.serving if state.places.is_open else msgspec.structs.replace(state.serving, streams=NOWHERE)
    now_ms = services.clock.now_ms()
    if evaluation.token:
        evaluation = await verify_context(evaluation, snapshot, verify, now_ms)
    response = answer(
        evaluation,
        snapshot,
        FOR_AN_EDGE if is_forwarded else DIRECT,
        now_ms=now_ms,
        edge_attributes=_edge_attributes(request) if is_forwarded else NO_ATTRIBUTES,
    )
    services.key_uses.record_use(evaluation.key)
    if response.look_up is not None:
        services.look_ups.add_look_up(evaluation.environment, response.look_up)
    return response


async def _state(services: Services, evaluation: EvaluationRequest) -> EnvironmentState:
    """Return the environment's state, read again if the caller names a newer version than the cached one."""
    try:
        state = services.environments.get(evaluation.environment)
    except NotFound:
        raise KeyRefused("this key is not valid here: it is unknown, was revoked, or is of another origin") from None
    if evaluation.fence is None or evaluation.fence.is_met_by(state.serving.manifest):
        return state
    try:
        return await services.environments.refresh(evaluation.environment)
    except Unavailable:
        return state


def _edge_attributes(request: Request) -> Mapping[str, JsonValue]:
    """Return the edge's attributes of the visitor's request; flags read only ``edge.*`` of them."""
    text = request.headers.get(ATTRIBUTES_HEADER, "")
    return decode_attributes(text) if text else NO_ATTRIBUTES
