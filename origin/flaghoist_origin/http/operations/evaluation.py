"""Declarations of evaluation routes. Their handlers are shared with the edge, so the declarations are here."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from flaghoist.model.outcome import ErrorCode, Reason
from flaghoist.protocol.freshness import AGE_HEADER, LEVEL_HEADER, VERSION_HEADER
from flaghoist.protocol.requests import Format
from flaghoist_origin.http.operations.operation import (
    JSON,
    PROBLEM,
    Access,
    Body,
    Operation,
    Parameter,
    ResponseDescription,
    component,
)
from flaghoist_origin.http.operations.parts import Problem

FRESHNESS = (VERSION_HEADER, AGE_HEADER, LEVEL_HEADER)
TAGGED = ("ETag", *FRESHNESS)


@component("EvaluationRequest")
class EvaluationRequestBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The user's context, whose ``targetingKey`` names the user; or a token that signs one, which then counts alone."""

    context: dict[str, Any] = {}
    signedContext: str = ""


class EvaluatedFlag(msgspec.Struct, frozen=True):
    """One flag's answer: a value with its reason and variant, or an error code."""

    key: str
    value: Any = None
    reason: Reason | None = None
    variant: str | None = None
    metadata: dict[str, str | int | float | bool] = {}
    errorCode: ErrorCode | None = None
    errorDetails: str | None = None


class EventStream(msgspec.Struct, frozen=True):
    """Where changes are told."""

    type: str
    url: str


class EvaluatedFlags(msgspec.Struct, frozen=True):
    """All flags' answers, sorted by key, and where they stand."""

    flags: tuple[EvaluatedFlag, ...]
    metadata: dict[str, str | int | float | bool]
    eventStreams: tuple[EventStream, ...] = ()


class EvaluationFailure(msgspec.Struct, frozen=True):
    """Why nothing, or one flag, could be evaluated; a problem (RFC 9457) as well where the request was at fault."""

    errorDetails: str
    errorCode: ErrorCode | None = None
    key: str | None = None
    type: str | None = None
    title: str | None = None
    status: int | None = None
    detail: str | None = None


HELD = Parameter("If-None-Match", "The ETag that is held.", {"type": "string"}, "header")
MIN_VERSION = Parameter(
    "min_version",
    "The oldest snapshot that the caller takes, `1-43` or `43`.",
    {"type": "string", "pattern": "^(([0-9]{1,15}-)?[0-9]{1,15})?$", "examples": ["1-0"]},
)
CONSISTENCY = Parameter(
    "consistency", "`strong` is always had here; it matters at the edge.", {"enum": ["eventual", "strong"]}
)
SIGNED = Parameter(
    "Flaghoist-Context", "A JWT (EdDSA) that signs a context, which then counts alone.", {"type": "string"}, "header"
)
SIGNED_IN_QUERY = Parameter("signed_context", "The same in the query.", {"type": "string"})
FLOORS = (MIN_VERSION, CONSISTENCY)
FORMAT = Parameter("format", "Form of the body.", {"enum": list(get_args(Format)), "default": "flaghoist"})
CONTEXT = Parameter(
    "context", "The context: base64url of a JSON object.", {"type": "string", "pattern": "^[A-Za-z0-9_-]*$"}
)
FAULTS = {
    400: ResponseDescription("The input is not valid.", {JSON: EvaluationFailure, PROBLEM: Problem}),
    413: ResponseDescription("The input is too large.", {JSON: EvaluationFailure, PROBLEM: Problem}),
    503: ResponseDescription("Nothing is held yet.", {JSON: EvaluationFailure, PROBLEM: Problem}, ("Retry-After",)),
}
UNCHANGED = ResponseDescription("What the caller holds is current.", headers=TAGGED)
OFREP_BODY = Body({JSON: EvaluationRequestBody})
BOOTSTRAP_ANSWERS = {
    200: ResponseDescription(
        "All flags, in the form asked for.", {JSON: dict[str, Any], "application/javascript": bytes}, TAGGED
    ),
    304: UNCHANGED,
}

EVALUATIONS: Mapping[str, Mapping[str, Operation]] = {
    "/ofrep/v1/evaluate/flags": {
        "POST": Operation(
            summary="Evaluate all flags (OFREP)",
            access=Access.EVALUATION,
            parameters=(*FLOORS, HELD, SIGNED),
            body=OFREP_BODY,
            answers={200: ResponseDescription("All flags.", {JSON: EvaluatedFlags}, TAGGED), 304: UNCHANGED, **FAULTS},
        )
    },
    "/ofrep/v1/evaluate/flags/{key:rest}": {
        "POST": Operation(
            summary="Evaluate one flag (OFREP)",
            access=Access.EVALUATION,
            parameters=(*FLOORS, SIGNED),
            body=OFREP_BODY,
            answers={
                200: ResponseDescription("The flag.", {JSON: EvaluatedFlag}, FRESHNESS),
                404: ResponseDescription("There is no such flag.", {JSON: EvaluationFailure, PROBLEM: Problem}),
                **FAULTS,
            },
        )
    },
    "/v1/bootstrap": {
        "GET": Operation(
            summary="Evaluate all flags for a page or SDK",
            access=Access.EVALUATION,
            parameters=(CONTEXT, SIGNED_IN_QUERY, FORMAT, *FLOORS, HELD, SIGNED),
            answers=BOOTSTRAP_ANSWERS,
        ),
        "POST": Operation(
            summary="Evaluate all flags for a page or SDK, the context in the body",
            access=Access.EVALUATION,
            parameters=(FORMAT, *FLOORS, HELD, SIGNED),
            body=Body({JSON: dict[str, Any]}),
            answers=BOOTSTRAP_ANSWERS,
        ),
    },
}
