"""Answer a checked request from a loaded snapshot, in this order: key, ETag, evaluation, body."""

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from flaghoist.answers.bootstraps import CONTENT_TYPES, JSON_TYPE, Bootstrap, bootstrap_body
from flaghoist.answers.etags import entity_tag, is_listed, personal_tag, project
from flaghoist.answers.ofrep import single_answer
from flaghoist.answers.serving_snapshot import ServingSnapshot
from flaghoist.errors import ActionForbidden, Unavailable
from flaghoist.model.context import Context
from flaghoist.model.flags import JsonValue
from flaghoist.protocol.cors import CORS_HEADERS
from flaghoist.protocol.freshness import DEFAULTS, NO_VERSION, Metadata, freshness_headers, freshness_metadata
from flaghoist.protocol.keys import check_key
from flaghoist.protocol.paths import path_of
from flaghoist.protocol.problems import report
from flaghoist.protocol.requests import EvaluationRequest, Freshness, KeyKind, Response, Route
from flaghoist.rules.views import View

_PRIVATE: Mapping[str, str] = {
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, X-API-Key, Flaghoist-Context",
    "X-Content-Type-Options": "nosniff",
    **CORS_HEADERS,
}
_NOTHING: Mapping[str, JsonValue] = {}
_UNASSIGNED: Mapping[str, str] = {}
_DEFAULTS = Freshness(DEFAULTS)
_RETRY_SECONDS = 5
_TELLING_OF_STREAMS = ("ofrep", "js")


class _Asking(msgspec.Struct, frozen=True):
    """The caller, its context and its key; ``context`` includes those edge attributes that flags read.

    ``sticky`` holds the verified assignments that this snapshot uses.
    """

    kind: KeyKind
    context: Context
    metadata: Metadata
    edge_attributes: Mapping[str, JsonValue]
    sticky: Mapping[str, str]


def authorise(question: EvaluationRequest, held: ServingSnapshot, now_ms: int) -> KeyKind:
    """Return the kind of the caller's key; raise KeyRefused or ActionForbidden if it may not make this request."""
    kind = check_key(held.keyring, question.key, now_ms, in_url=question.key_in_url)
    if held.manifest.requires_signed_context and question.context and kind == "client" and not question.token:
        raise ActionForbidden(
            "this environment takes signed contexts only: send what your backend signed, as `Flaghoist-Context`"
        )
    return kind


def answer(
    question: EvaluationRequest,
    held: ServingSnapshot,
    standing: Freshness,
    *,
    now_ms: int,
    edge_attributes: Mapping[str, JsonValue] = _NOTHING,
) -> Response:
    """Return the reply to a request.

    Only the ``edge_attributes`` that some flag reads are looked up, so a lazy mapping costs nothing otherwise. Raises
    KeyRefused or ActionForbidden.
    """
    kind = authorise(question, held, now_ms)
    context = _with_edge(question.context, held.edge_attributes, edge_attributes)
    version = held.manifest.snapshot_version
    metadata = freshness_metadata(version, standing, held.manifest.environment)
    sticky = _honoured(question.sticky, held) if question.sticky else _UNASSIGNED
    asking = _Asking(kind, context, metadata, edge_attributes, sticky)
    reply = _ANSWERS[question.route](question, held, asking)
    return Response(reply.status, {**freshness_headers(version, standing), **_PRIVATE, **reply.headers}, reply.body)


def _answer_single(question: EvaluationRequest, held: ServingSnapshot, asking: _Asking) -> Response:
    is_client, sticky = asking.kind == "client", asking.sticky
    outcome = held.loaded.engine.evaluate(question.flag_key, asking.context, client_only=is_client, sticky=sticky)
    status, body = single_answer(outcome, asking.kind, asking.metadata)
    return Response(status, {"Content-Type": JSON_TYPE}, body)


def _answer_all(question: EvaluationRequest, held: ServingSnapshot, asking: _Asking) -> Response:
    context, kind = asking.context, asking.kind
    projected = project(context, held.manifest.attributes, asking.sticky)
    etag, ofrep_etag = entity_tag(held.fingerprint, kind, question.format, projected), ""
    if question.format == "js":
        etag = personal_tag(etag, question.context, question.key, question.token)
        ofrep_etag = entity_tag(held.fingerprint, kind, "ofrep", projected)
    if is_listed(etag, question.if_none_match) and not _expects_other(question, held):
        return Response(304, {"ETag": etag})
    evaluate = partial(held.loaded.engine.render_all, context, client_only=kind == "client", sticky=asking.sticky)

    def render(view: View, before: bytes, after: bytes) -> bytes:
        return held.kept.obtain(etag, view.name, partial(evaluate, view), before, after)

    # A stream is opened by its URL alone, and a server key must not appear in a URL.
    is_told = kind == "client" and question.format in _TELLING_OF_STREAMS
    streams = held.streams.told_to(question.key, asking.edge_attributes) if is_told else b""
    asked = (ofrep_etag, question.context, question.key, question.token)
    bootstrap = Bootstrap(render, kind, projected, asking.metadata, streams, *asked)
    headers = {"Content-Type": CONTENT_TYPES.get(question.format, JSON_TYPE), "ETag": etag}
    return Response(200, headers, bootstrap_body(question.format, bootstrap))


_ANSWERS: Mapping[Route, Callable[[EvaluationRequest, ServingSnapshot, _Asking], Response]] = {
    "bulk": _answer_all,
    "single": _answer_single,
    "bootstrap": _answer_all,
}


def _with_edge(context: Context, names: tuple[str, ...], edge_attributes: Mapping[str, JsonValue]) -> Context:
    """Return the context with the edge's attributes added, under literal names such as ``edge.country``."""
    if not names:
        return context
    said = {name: edge_attributes.get(name) for name in names}
    return {**context, **{name: value for name, value in said.items() if value is not None}}


def _honoured(assignments: Mapping[str, str], held: ServingSnapshot) -> Mapping[str, str]:
    """Return the assignments of flags that use sticky assignments; others must not change ETags."""
    flags = ((key, held.loaded.engine.flag(key)) for key in assignments)
    return {key: assignments[key] for key, flag in flags if flag is not None and flag.sticky}


def _expects_other(question: EvaluationRequest, held: ServingSnapshot) -> bool:
    return question.floor is not None and question.floor.expects_other(held.manifest)


def defaults(question: EvaluationRequest) -> Response:
    """Answer without a snapshot: an empty bootstrap, or 503 for OFREP clients, which would store an empty 200."""
    state = freshness_headers(NO_VERSION, _DEFAULTS)
    if question.route != "bootstrap":
        error = Unavailable("no snapshot can be reached: keep what you hold and ask again", _RETRY_SECONDS)
        reply = report(error, path_of(question.route))
        return Response(reply.status, {**reply.headers, **state}, reply.body)
    metadata = freshness_metadata(NO_VERSION, _DEFAULTS, question.environment)
    content_type = CONTENT_TYPES.get(question.format, JSON_TYPE)
    asked = ("", question.context, question.key, question.token)
    empty = Bootstrap(_no_flags, question.key_kind, b"", metadata, b"", *asked)
    headers = {**state, **_PRIVATE, "Content-Type": content_type, "Retry-After": str(_RETRY_SECONDS)}
    return Response(200, headers, bootstrap_body(question.format, empty))


def _no_flags(_view: View, before: bytes, after: bytes) -> bytes:
    return before + after


def names_strong_flag(question: EvaluationRequest, held: ServingSnapshot, kind: KeyKind) -> bool:
    """Return whether the caller asks for a strong answer and the request concerns a flag marked for it."""
    if not question.wants_strong:
        return False
    engine = held.loaded.engine
    keys = (question.flag_key,) if question.route == "single" else engine.keys
    flags = (engine.flag(key) for key in keys)
    return any(flag is not None and flag.strong and (kind == "server" or flag.client_visible) for flag in flags)
