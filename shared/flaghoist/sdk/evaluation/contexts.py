"""Convert OpenFeature's evaluation context to ours: JSON values, checked as edge and origin check them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import NoneType

from openfeature.evaluation_context import EvaluationContext

from flaghoist.errors import InputError, LimitExceeded
from flaghoist.limits import CONTEXT_DEPTH
from flaghoist.model.context import Context
from flaghoist.model.context_checks import check_context, without_edge
from flaghoist.model.flags import TARGETING_KEY, JsonValue
from flaghoist.text.json_paths import element, member

_PATH = "$.context"
_SIMPLE = frozenset({str, bool, int, float, NoneType})


def context_of(given: EvaluationContext | None) -> Context:
    """Return the context, the targeting key as an attribute; raise InputError as for a request with this context.

    Times become RFC 3339 text, tuples become arrays. Attributes named ``edge`` are rejected: only the edge sets these.
    """
    if given is None:
        return {}
    context: dict[str, JsonValue] = {**given.attributes}
    if given.targeting_key:
        context[TARGETING_KEY] = given.targeting_key
    if not _SIMPLE.issuperset(map(type, context.values())):
        context = {name: _json(value, member(_PATH, str(name)), 1) for name, value in context.items()}
    try:
        return without_edge(check_context(context))
    except TypeError as error:
        raise InputError.at(_PATH, "attribute names are text") from error


def _json(value: object, path: str, depth: int) -> JsonValue:
    """Return a value as JSON; ``depth`` is that of the object or array around it."""
    if type(value) in _SIMPLE:
        return value
    if depth >= CONTEXT_DEPTH.value and not isinstance(value, str):
        raise LimitExceeded(CONTEXT_DEPTH, depth + 1, path)
    if isinstance(value, Mapping):
        return {str(name): _json(each, member(path, str(name)), depth + 1) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [_json(each, element(path, index), depth + 1) for index, each in enumerate(value)]
    return _scalar(value, path)


def _scalar(value: object, path: str) -> JsonValue:
    """Return a time as text, and a subtype of text or number, such as a member of an enum, as its plain value."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    raise InputError.at(path, f"a value of type {type(value).__name__} is not JSON: give text, a number or a list")
