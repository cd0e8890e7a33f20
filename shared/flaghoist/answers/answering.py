"""Answer a checked request from a loaded snapshot, in this order: key, ETag, evaluation, body."""

from collections.abc import Mapping
from functools import partial

from flaghoist.answers.bodies import CONTENT_TYPES, JSON_TYPE, bulk_body, page_members, single_body
from flaghoist.answers.etags import entity_tag, is_listed, personal_tag, project
from flaghoist.answers.serving_snapshot import ServingSnapshot
from flaghoist.errors import ActionForbidden, Unavailable
from flaghoist.model.context import Context, unit
from flaghoist.model.flags import TARGETING_KEY, JsonValue
from flaghoist.model.outcome import Outcome
from flaghoist.protocol.cors import CORS_HEADERS
from flaghoist.protocol.freshness import DEFAULTS, NO_VERSION, freshness_headers, freshness_metadata
from flaghoist.protocol.keys import check_key
from flaghoist.protocol.paths import path_of
from flaghoist.protocol.problems import report
from flaghoist.protocol.requests import EvaluationRequest, Freshness, KeyKind, LookUp, Response
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
_FORMATS_WITH_STREAMS = ("ofrep", "js")


def authorise(evaluation: EvaluationRequest, snapshot: ServingSnapshot, now_ms: int) -> KeyKind:
    """Return the kind of the caller's key; raise KeyRefused or ActionForbidden if it may not make this request."""
    kind = check_key(snapshot.keyring, evaluation.key, now_ms, in_url=evaluation.key_in_url)
    is_plain = evaluation.context and not evaluation.token
    if snapshot.manifest.requires_signed_context and is_plain and kind == "client":
        raise ActionForbidden(
            "this environment takes signed contexts only: send what your backend signed, as `Flaghoist-Context`"
        )
    return kind


def answer(
    evaluation: EvaluationRequest,
    snapshot: ServingSnapshot,
    freshness: Freshness,
    *,
    now_ms: int,
    edge_attributes: Mapping[str, JsonValue] = _NOTHING,
) -> Response:
    """Return the response to an evaluation request; that to a single flag says what it served, as its ``look_up``.

    Only the ``edge_attributes`` that some flag reads are looked up, so a lazy mapping costs nothing otherwise. Raises
    KeyRefused or ActionForbidden.
    """
    kind = authorise(evaluation, snapshot, now_ms)
    context = _with_edge(evaluation.context, snapshot.edge_attributes, edge_attributes)
    sticky = _used_assignments(evaluation.sticky, snapshot) if evaluation.sticky else _UNASSIGNED
    if evaluation.route == "single":
        return _answer_single(evaluation, snapshot, freshness, kind, context, sticky=sticky)
    return _answer_all(evaluation, snapshot, freshness, kind, context, sticky=sticky, edge_attributes=edge_attributes)


def _answer_single(
    evaluation: EvaluationRequest,
    snapshot: ServingSnapshot,
    freshness: Freshness,
    kind: KeyKind,
    context: Context,
    *,
    sticky: Mapping[str, str],
) -> Response:
    engine, is_client = snapshot.loaded.engine, kind == "client"
    outcome = engine.evaluate(evaluation.flag_key, context, client_only=is_client, sticky=sticky)
    metadata = freshness_metadata(snapshot.version, freshness, snapshot.manifest.environment)
    status, body = single_body(outcome, kind, metadata)
    headers = {**freshness_headers(snapshot.version, freshness), **_PRIVATE, "Content-Type": JSON_TYPE}
    return Response(status, headers, body, _look_up(outcome, context, snapshot.version))


def _look_up(outcome: Outcome, context: Context, version: str) -> LookUp | None:
    """Return what an outcome served; None if it has no variation, or the context no unit that can be counted."""
    if outcome.error_code is not None or not outcome.variation:
        return None
    subject = unit(context.get(TARGETING_KEY))
    return None if subject is None else LookUp(outcome.flag_key, outcome.variation, version, subject)


def _answer_all(
    evaluation: EvaluationRequest,
    snapshot: ServingSnapshot,
    freshness: Freshness,
    kind: KeyKind,
    context: Context,
    *,
    sticky: Mapping[str, str],
    edge_attributes: Mapping[str, JsonValue],
) -> Response:
    format = evaluation.format
    projected = project(context, snapshot.manifest.attributes, sticky)
    etag = entity_tag(snapshot.fingerprint, kind, format, projected)
    if format == "js":
        etag = personal_tag(etag, evaluation.context, evaluation.key, evaluation.token)
    headers = {**freshness_headers(snapshot.version, freshness), **_PRIVATE}
    if is_listed(etag, evaluation.if_none_match) and not _expects_other(evaluation, snapshot):
        headers["ETag"] = etag
        return Response(304, headers)
    evaluate = partial(snapshot.loaded.engine.render_all, context, client_only=kind == "client", sticky=sticky)

    def render(view: View, before: bytes, after: bytes) -> bytes:
        return snapshot.bodies.obtain(etag, view.name, partial(evaluate, view), before, after)

    members = b""
    metadata = freshness_metadata(snapshot.version, freshness, snapshot.manifest.environment)
    # A stream is opened by its URL alone, and neither a URL nor a page may contain a server key.
    if kind == "client" and format in _FORMATS_WITH_STREAMS:
        members = snapshot.streams.member_for(evaluation.key, edge_attributes)
        if format == "js":
            ofrep_etag = entity_tag(snapshot.fingerprint, kind, "ofrep", projected)
            members = page_members(evaluation, metadata, members, ofrep_etag)
    headers["Content-Type"] = CONTENT_TYPES.get(format, JSON_TYPE)
    headers["ETag"] = etag
    return Response(200, headers, bulk_body(format, render, kind, metadata, projected=projected, members=members))


def _with_edge(context: Context, names: tuple[str, ...], edge_attributes: Mapping[str, JsonValue]) -> Context:
    """Return the context with the edge's attributes added, under literal names such as ``edge.country``."""
    if not names:
        return context
    values = {name: edge_attributes.get(name) for name in names}
    return {**context, **{name: value for name, value in values.items() if value is not None}}


def _used_assignments(assignments: Mapping[str, str], snapshot: ServingSnapshot) -> Mapping[str, str]:
    """Return the assignments of flags that use sticky assignments; others must not change ETags."""
    flags = ((key, snapshot.loaded.engine.flag(key)) for key in assignments)
    return {key: assignments[key] for key, flag in flags if flag is not None and flag.sticky}


def _expects_other(evaluation: EvaluationRequest, snapshot: ServingSnapshot) -> bool:
    return evaluation.fence is not None and evaluation.fence.expects_other(snapshot.manifest)


def defaults(evaluation: EvaluationRequest) -> Response:
    """Answer without a snapshot: an empty bootstrap, or 503 for OFREP clients, which would store an empty 200."""
    version = str(NO_VERSION)
    state = freshness_headers(version, _DEFAULTS)
    if evaluation.route != "bootstrap":
        error = Unavailable("no snapshot can be reached: keep what you hold and ask again", _RETRY_SECONDS)
        refusal = report(error, path_of(evaluation.route))
        return Response(refusal.status, {**refusal.headers, **state}, refusal.body)
    kind, format = evaluation.key_kind, evaluation.format
    metadata = freshness_metadata(version, _DEFAULTS, evaluation.environment)
    members = page_members(evaluation, metadata, b"", "") if kind == "client" and format == "js" else b""
    content_type = CONTENT_TYPES.get(format, JSON_TYPE)
    headers = {**state, **_PRIVATE, "Content-Type": content_type, "Retry-After": str(_RETRY_SECONDS)}
    return Response(200, headers, bulk_body(format, _no_flags, kind, metadata, projected=b"", members=members))


def _no_flags(_view: View, before: bytes, after: bytes) -> bytes:
    return before + after


def names_strong_flag(evaluation: EvaluationRequest, snapshot: ServingSnapshot, kind: KeyKind) -> bool:
    """Return whether the caller asks for a strong answer and the request concerns a flag marked for it."""
    if not evaluation.wants_strong:
        return False
    engine = snapshot.loaded.engine
    keys = (evaluation.flag_key,) if evaluation.route == "single" else engine.keys
    flags = (engine.flag(key) for key in keys)
    return any(flag is not None and flag.strong and (kind == "server" or flag.client_visible) for flag in flags)
