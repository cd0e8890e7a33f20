"""Check a request as far as possible without a snapshot: path, method, key, query and body, in this order."""

from collections.abc import Callable, Mapping
from typing import get_args

from flaghoist.errors import InputError
from flaghoist.protocol.contexts import SIGNED_HEADER, Sent, bootstrap_context, ofrep_context, only_token, query_context
from flaghoist.protocol.fences import read_fence
from flaghoist.protocol.keys import find_key
from flaghoist.protocol.paths import flag_key_of, route_of
from flaghoist.protocol.queries import read_query
from flaghoist.protocol.requests import EvaluationRequest, Format, Request, Route

FORMATS: tuple[Format, ...] = get_args(Format)
_CONSISTENCIES = ("eventual", "strong")
_TOKEN_HEADER = SIGNED_HEADER.lower()


def read(call: Request) -> EvaluationRequest:
    """Return the checked evaluation request; raise the FlaghoistError that `refuse` reports."""
    route = route_of(call)
    parameters = read_query(call.query)
    key = find_key(call.headers, parameters)
    sent, token = _sent(route, call, parameters), call.headers.get(_TOKEN_HEADER, "")
    if token or sent.token:
        sent = Sent({}, only_token(token, sent.token))
    return EvaluationRequest(
        route=route,
        environment=key.environment,
        key=key.text,
        key_kind=key.kind,
        key_in_url=key.in_url,
        flag_key=flag_key_of(call.path) if route == "single" else "",
        context=sent.context,
        format=_format(route, parameters),
        floor=read_fence(parameters),
        if_none_match=call.headers.get("if-none-match", ""),
        wants_strong=_wants_strong(parameters),
        token=sent.token,
    )


_BODIES: Mapping[Route, Callable[[bytes], Sent]] = {
    "bulk": ofrep_context,
    "single": ofrep_context,
    "bootstrap": bootstrap_context,
}


def _sent(route: Route, call: Request, parameters: Mapping[str, str]) -> Sent:
    if call.method == "GET":
        return query_context(parameters)
    for name in ("context", "signed_context"):
        if name in parameters:
            raise InputError.at(name, f"{name} stands in the query of a GET; a POST has it in the body")
    return _BODIES[route](call.body)


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
