"""Evaluation over HTTP, for direct callers and for edges that cannot answer themselves.

`shared.answers` decides the answers; the edge runs the same code.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import replace

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from flaghoist.answers.answering import answer
from flaghoist.answers.streams import NOWHERE
from flaghoist.answers.verification import verify_context
from flaghoist.errors import FlaghoistError, InputError, KeyRefused, NotFound, Unavailable
from flaghoist.limits import CONTEXT_BYTES, REQUEST_BYTES
from flaghoist.model.flags import JsonValue
from flaghoist.protocol.cors import preflight
from flaghoist.protocol.evaluation_requests import read
from flaghoist.protocol.problems import refuse
from flaghoist.protocol.requests import EvaluationRequest, Freshness
from flaghoist.protocol.requests import Request as PlainRequest
from flaghoist.protocol.requests import Response as PlainResponse
from flaghoist.text import strict_json
from flaghoist_origin.http.operations.evaluation import EVALUATIONS
from flaghoist_origin.http.resources.bodies import read_body
from flaghoist_origin.http.resources.edges import is_edge
from flaghoist_origin.http.resources.resource import DescribedRoute
from flaghoist_origin.keys.key_text import hash_of
from flaghoist_origin.keys.signatures import verify
from flaghoist_origin.observability.requests import set_key_id
from flaghoist_origin.services.services import Services, services_of
from flaghoist_origin.serving.environment_state import EnvironmentState

ATTRIBUTES_HEADER = "Flaghoist-Edge-Attributes"
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
        reply = await _reply(request)
        await Response(reply.body, reply.status, headers=dict(reply.headers))(scope, receive, send)


async def _reply(request: Request) -> PlainResponse:
    call = _call(request, b"")
    try:
        if call.method == "OPTIONS":
            return preflight(call)
        call = _call(request, await read_body(request, REQUEST_BYTES))
        return await _answer(request, read(call))
    except FlaghoistError as error:
        return refuse(error, call)


def _call(request: Request, body: bytes) -> PlainRequest:
    scope = request.scope
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    return PlainRequest(
        method=request.method,
        path=raw_path.decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers={name: ", ".join(request.headers.getlist(name)) for name in set(request.headers.keys())},
        body=body,
    )


async def _answer(request: Request, question: EvaluationRequest) -> PlainResponse:
    services = services_of(request)
    state = await _state(services, question)
    set_key_id(request.scope, state.key_ids.get(hash_of(question.key), ""))
    is_forwarded = is_edge(request)
    held = state.serving if state.places.is_open else replace(state.serving, streams=NOWHERE)
    now_ms = services.clock.now_ms()
    if question.token:
        question = await verify_context(question, held, verify, now_ms)
    reply = answer(
        question,
        held,
        FOR_AN_EDGE if is_forwarded else DIRECT,
        now_ms=now_ms,
        edge_attributes=_edge_attributes(request) if is_forwarded else NO_ATTRIBUTES,
    )
    services.key_uses.record_use(question.key)
    if question.route == "single":
        services.look_ups.note(question, reply)
    return reply


async def _state(services: Services, question: EvaluationRequest) -> EnvironmentState:
    """Return the environment's state, read again if the caller names a newer version than the cached one."""
    try:
        state = services.environments.get(question.environment)
    except NotFound:
        raise KeyRefused("this key is not valid here: it is unknown, was revoked, or is of another origin") from None
    if question.floor is None or question.floor.is_met_by(state.serving.manifest):
        return state
    try:
        return await services.environments.refresh(question.environment)
    except Unavailable:
        return state


def _edge_attributes(request: Request) -> Mapping[str, JsonValue]:
    """Return the edge's attributes of the user's request; only ``edge.*`` is ever read from them."""
    sent = request.headers.get(ATTRIBUTES_HEADER, "")
    if not sent:
        return NO_ATTRIBUTES
    try:
        data = urlsafe_b64decode(sent.rstrip("=") + "=" * (-len(sent.rstrip("=")) % 4))
    except ValueError:
        raise InputError.at(ATTRIBUTES_HEADER, "must be base64url of a JSON object") from None
    said = strict_json.decode(data, max_bytes=CONTEXT_BYTES)
    if not isinstance(said, dict):
        raise InputError.at(ATTRIBUTES_HEADER, "must be base64url of a JSON object")
    return said
