"""Convert the engine's outcome to OpenFeature's resolution: value, type, reason, error, metadata."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, Reason

from flaghoist.model import outcome as model
from flaghoist.model.outcome import Outcome
from flaghoist.sdk.snapshot.state import State

T = TypeVar("T")

Accepted = frozenset[type]
"""The Python types that a caller accepts."""

BOOLEAN: Accepted = frozenset({bool})
STRING: Accepted = frozenset({str})
INTEGER: Accepted = frozenset({int})
FLOAT: Accepted = frozenset({float})
OBJECT: Accepted = frozenset({dict, list})
ANYTHING: Accepted = BOOLEAN | STRING | INTEGER | FLOAT | OBJECT

_NAMES: Mapping[type, str] = {
    **{bool: "a boolean", str: "a string", int: "an integer", float: "a float"},
    **dict.fromkeys((dict, list), "an object"),
}
_REASONS: Mapping[model.Reason, Reason] = {reason: Reason(reason.value) for reason in model.Reason}
_ERRORS: Mapping[model.ErrorCode, ErrorCode] = {code: ErrorCode(code.value) for code in model.ErrorCode}
_decode = msgspec.json.Decoder().decode


def resolution(outcome: Outcome, default: T, accepted: Accepted, state: State) -> FlagResolutionDetails[T]:
    """Return the resolution for a caller that accepts ``accepted``, with ``default`` if there is no such value."""
    metadata = {"flagVersion": outcome.flag_version, **outcome.metadata, **state.metadata}
    if outcome.error_code is not None or outcome.value_json is None:
        code = _ERRORS[outcome.error_code or model.ErrorCode.GENERAL]
        return FlagResolutionDetails(default, code, outcome.error_details, Reason.ERROR, None, metadata)
    value = _decode(outcome.value_json)
    if type(value) not in accepted:
        message = f"flag {outcome.flag_key!r} holds {_NAMES[type(value)]}, and {_requested(accepted)} was asked for"
        return FlagResolutionDetails(default, ErrorCode.TYPE_MISMATCH, message, Reason.ERROR, None, metadata)
    return FlagResolutionDetails(value, None, None, _REASONS[outcome.reason], outcome.variation, metadata)


def not_ready(default: T, state: State) -> FlagResolutionDetails[T]:
    """Return the caller's default: there is no snapshot."""
    message = f"there is no snapshot to evaluate with: {state.reason}"
    metadata: Mapping[str, str | int] = {"level": state.level.freshness_level}
    return FlagResolutionDetails(default, ErrorCode.PROVIDER_NOT_READY, message, Reason.ERROR, None, metadata)


def invalid_context(default: T, error: Exception, state: State) -> FlagResolutionDetails[T]:
    """Return the caller's default: the context cannot be evaluated."""
    code = ErrorCode.INVALID_CONTEXT
    return FlagResolutionDetails(default, code, str(error), Reason.ERROR, None, {**state.metadata})


def _requested(accepted: Accepted) -> str:
    return _NAMES[next(iter(accepted))]
