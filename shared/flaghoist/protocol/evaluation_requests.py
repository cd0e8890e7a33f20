"""Check a request as far as possible without a snapshot: path, method, key, query and body, in this order.

A context is plain, or signed in a token. A plain context beside a token is checked and ignored: the token holds the
whole context. So an environment can require signatures later without changing the answers of callers who already sign.
"""

from collections.abc import Callable, Mapping
from typing import get_args

import msgspec

from flaghoist.errors import Fault, InputError
from flaghoist.limits import CONTEXT_BYTES, REQUEST_BYTES
from flaghoist.model.context import Context
from flaghoist.model.context_checks import check_context, check_context_size, without_edge
from flaghoist.protocol.fences import read_fence
from flaghoist.protocol.keys import find_key
from flaghoist.protocol.paths import flag_key_of, route_of
from flaghoist.protocol.queries import read_query
from flaghoist.protocol.requests import EvaluationRequest, Format, Request, Route
from flaghoist.text import base64url, strict_json
from flaghoist.text import json_paths as paths

FORMATS: tuple[Format, ...] = get_args(Format)
SIGNED_HEADER = "Flaghoist-Context"

SentContext = tuple[Context, str]
"""The user's data in a request: a plain context, and the token that signs one (empty: none)."""

_CONSISTENCIES = ("eventual", "strong")
_NO_PARAMETERS: Mapping[str, str] = {}
_TOKEN_HEADER = SIGNED_HEADER.lower()
_CONTEXT = "$.context"
_SIGNED_PARAMETER = "signed_context"
_SIGNED = "signedContext"
_MEMBERS = frozenset(("context", _SIGNED))
_UNKNOWN = "unknown member: a body holds context or signedContext alone"
_MOST_NAMED = 10


def read_evaluation(request: Request) -> EvaluationRequest:
    """Return what a request asks to evaluate; raise the FlaghoistError that `refuse` reports."""
    route, headers = route_of(request), request.headers
    parameters = read_query(request.query) if request.query else _NO_PARAMETERS
    key = find_key(headers, parameters)
    (context, sent_token), token = _sent_context(route, request, parameters), headers.get(_TOKEN_HEADER, "")
    if token or sent_token:
        context, token = {}, _only_token(token, sent_token)
    return EvaluationRequest(
        route=route,
        environment=key.environment,
        key=key.text,
        key_kind=key.kind,
        key_in_url=key.in_url,
        flag_key=flag_key_of(request.path) if route == "single" else "",
        context=context,
        format=_format(route, parameters),
        fence=read_fence(parameters) if parameters else None,
        if_none_match=headers.get("if-none-match", ""),
        wants_strong=_wants_strong(parameters),
        token=token,
    )


def _format(route: Route, parameters: Mapping[str, str]) -> Format:
    if route != "bootstrap":
        return "ofrep"
    wanted = parameters.get("format", "flaghoist")
    for known in FORMATS:
        if wanted == known:
            return known
    raise InputError.at("format", f"unknown format: use one of {', '.join(FORMATS)}")


def _wants_strong(parameters: Mapping[str, str]) -> bool:
    wanted = parameters.get("consistency", "eventual")
    if wanted not in _CONSISTENCIES:
        raise InputError.at("consistency", "consistency is eventual or strong")
    return wanted == "strong"


def _sent_context(route: Route, request: Request, parameters: Mapping[str, str]) -> SentContext:
    if request.method == "GET":
        return _query_context(parameters)
    for name in ("context", "signed_context"):
        if name in parameters:
            raise InputError.at(name, f"{name} stands in the query of a GET; a POST has it in the body")
    return _BODIES[route](request.body)


def _ofrep_context(body: bytes) -> SentContext:
    """Return the context of an OFREP body: ``{}``, ``{"context": {…}}`` or ``{"signedContext": "…"}``."""
    tree = strict_json.decode(body, max_bytes=REQUEST_BYTES)
    if not isinstance(tree, dict):
        raise InputError.at("$", 'the body is a JSON object: {"context": {…}}')
    if not _MEMBERS.issuperset(tree):
        unknown = [name for name in tree if name not in _MEMBERS]
        raise InputError(*(Fault(paths.member(paths.ROOT, name), _UNKNOWN) for name in unknown[:_MOST_NAMED]))
    context = _checked_context(tree["context"], body) if "context" in tree else {}
    return context, _signed(tree) if _SIGNED in tree else ""


def _bootstrap_context(body: bytes) -> SentContext:
    """Return the context of a bootstrap body: as in an OFREP body, or the body itself is the context."""
    tree = strict_json.decode(body, max_bytes=REQUEST_BYTES)
    if isinstance(tree, dict):
        if len(tree) == 1 and isinstance(tree.get("context"), dict):
            return _checked_context(tree["context"], body), ""
        if _SIGNED in tree:
            return _ofrep_context(body)
    return _checked_context(tree, body, "$"), ""


def _query_context(parameters: Mapping[str, str]) -> SentContext:
    """Return the context in the query: ``context`` (base64url JSON, padding optional), ``signed_context`` (a token)."""
    token, text = parameters.get(_SIGNED_PARAMETER, ""), parameters.get("context")
    if text is None:
        return {}, token
    raw = base64url.decode(text)
    if raw is None:
        raise InputError.at("context", "context is not base64url: encode the JSON with - and _ for + and /")
    check_context_size(raw, _CONTEXT)
    return without_edge(check_context(strict_json.decode(raw, max_bytes=REQUEST_BYTES))), token


def _only_token(in_header: str, sent: str) -> str:
    """Return the request's token; raise InputError if header and body hold different ones."""
    if in_header and sent and in_header != sent:
        raise InputError.at(_SIGNED, f"the context is signed twice: send one token, in {SIGNED_HEADER} or in the body")
    return in_header or sent


def _signed(tree: Mapping[str, object]) -> str:
    token = tree[_SIGNED]
    if not isinstance(token, str):
        raise InputError.at(f"$.{_SIGNED}", "signedContext is a JWT, as text")
    return token


def _checked_context(tree: object, body: bytes, path: str = _CONTEXT) -> Context:
    """Check shape and size; measure the context by itself only if the size of the body does not decide."""
    context = check_context(tree, path)
    if len(body) > CONTEXT_BYTES.value:
        check_context_size(msgspec.json.encode(context), path)
    return without_edge(context)


_BODIES: Mapping[Route, Callable[[bytes], SentContext]] = {
    "bulk": _ofrep_context,
    "single": _ofrep_context,
    "bootstrap": _bootstrap_context,
}
