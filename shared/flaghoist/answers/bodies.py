"""Write the body of an answer: one flag or all flags, in every format from which a page or SDK can start."""

from collections.abc import Callable, Mapping

import msgspec

from flaghoist.answers.etags import context_digest
from flaghoist.answers.fragments import (
    LAUNCHDARKLY_STATES,
    MEMBERS,
    OFREP_ITEMS,
    SCRIPT_MEMBERS,
    VALUES,
    ofrep_failure,
    ofrep_success,
)
from flaghoist.hydration.escapes import in_script
from flaghoist.hydration.payload import ASSIGNMENT_END, ASSIGNMENT_START, payload_members
from flaghoist.model.outcome import ErrorCode, Outcome
from flaghoist.protocol.freshness import DEFAULTS, Metadata
from flaghoist.protocol.requests import EvaluationRequest, Format, KeyKind
from flaghoist.rules.views import View

BOOTSTRAP_TTL_SECONDS = 30
"""How long a page may use a bootstrap before it should ask again."""

JSON_TYPE = "application/json"
CONTENT_TYPES: Mapping[Format, str] = {"js": "application/javascript; charset=utf-8"}

RenderFlags = Callable[[View, bytes, bytes], bytes]
"""Returns all flags in a view, between two texts."""

_encode = msgspec.json.encode
_NO_DETAILS: Mapping[str, str] = {}
_STATUS_OF_FAILURE = {ErrorCode.FLAG_NOT_FOUND: 404}


def single_body(outcome: Outcome, kind: KeyKind, metadata: Metadata) -> tuple[int, bytes]:
    """Return status and OFREP body for one flag; its metadata joins that of the flag and of the snapshot."""
    if outcome.error_code is not None:
        return _STATUS_OF_FAILURE.get(outcome.error_code, 400), ofrep_failure(outcome)
    details = outcome.metadata if kind == "server" else _NO_DETAILS
    return 200, ofrep_success(outcome, _encode({"flagVersion": outcome.flag_version, **details, **metadata}))


def ofrep_body(render: RenderFlags, kind: KeyKind, metadata: Metadata, streams: bytes = b"") -> bytes:
    """Return the OFREP bulk body; ``streams`` is a further member of it, comma in front."""
    return render(OFREP_ITEMS[kind], b'{"flags":[', b'],"metadata":%b%b}' % (_encode(metadata), streams))


def page_members(evaluation: EvaluationRequest, metadata: Metadata, streams: bytes, ofrep_etag: str) -> bytes:
    """Return the members from which a page's OFREP client starts, comma in front.

    ``streams`` and ``ofrep_etag`` are those of the equivalent OFREP body. The rest is what the caller sent: its
    context, its key, which must be a client key, and the token that signs the context.
    """
    is_evaluated = metadata["level"] != DEFAULTS
    return b"," + payload_members(
        b'{"metadata":%b%b}' % (_encode(metadata), streams) if is_evaluated else b"",
        etag=ofrep_etag,
        context=_encode(evaluation.context),
        key=evaluation.key,
        signed_context=evaluation.token,
    )


def bulk_body(
    format: Format, render: RenderFlags, kind: KeyKind, metadata: Metadata, *, projected: bytes, members: bytes
) -> bytes:
    """Return all flags in a format.

    ``metadata`` states freshness and ``projected`` is the part of the context that the snapshot reads. ``members`` are
    further members of an OFREP body or of a script's payload, comma in front; other formats take none.
    """
    match format:
        case "ofrep":
            return ofrep_body(render, kind, metadata, members)
        case "flaghoist":
            return render(MEMBERS[kind], *_payload_frame(metadata, projected))
        case "values":
            return render(VALUES, b"{", b"}")
        case "launchdarkly":
            return _launchdarkly(render, metadata)
        case "js":
            return _script(render, kind, _payload_frame(metadata, projected), members)


def _payload_frame(metadata: Metadata, projected: bytes) -> tuple[bytes, bytes]:
    """Return the text before and the text after the members in our own format."""
    names = (_encode(metadata["environment"]), _encode(metadata["version"]))
    digest = _encode(context_digest(projected))
    return (
        b'{"environment":%b,"version":%b,"flags":{' % names,
        b'},"contextDigest":%b,"ttl":%d}' % (digest, BOOTSTRAP_TTL_SECONDS),
    )


def _launchdarkly(render: RenderFlags, metadata: Metadata) -> bytes:
    values = render(VALUES, b"", b"")
    is_valid = b"false" if metadata["level"] == DEFAULTS else b"true"
    before = b'{%b%b"$flagsState":{' % (values, b"," if values else b"")
    return render(LAUNCHDARKLY_STATES, before, b'},"$valid":%b}' % is_valid)


def _script(render: RenderFlags, kind: KeyKind, frame: tuple[bytes, bytes], members: bytes) -> bytes:
    """Return a script that parses the payload: in an object literal, a flag named ``__proto__`` would be lost."""
    before, after = frame
    end = b"%b%b}%b\n" % (after[:-1], in_script(members), ASSIGNMENT_END)
    return render(SCRIPT_MEMBERS[kind], ASSIGNMENT_START + before, end)
