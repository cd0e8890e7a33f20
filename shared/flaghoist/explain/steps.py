"""The parts of an explanation: the steps taken, and the answer that they led to."""

from collections.abc import Mapping

import msgspec

from flaghoist.model.flags import JsonValue
from flaghoist.model.outcome import ErrorCode, Reason

_LONGEST_SHOWN = 80


class Step(msgspec.Struct, frozen=True):
    """One step: whether its condition was true, and what was examined; ``flag`` is the flag that the step belongs to.

    ``stage`` is one of flag, on, prerequisite, group, targets, rule, clause, segment, fallthrough and draw.
    """

    stage: str
    passed: bool
    detail: str
    flag: str = ""


class FlagOutcome(msgspec.Struct, frozen=True):
    """The result of evaluating one flag; ``variation`` is None exactly if there is an error code."""

    variation: str | None
    value: JsonValue
    reason: Reason
    error_code: ErrorCode | None = None
    metadata: Mapping[str, str] = {}


class Explanation(FlagOutcome, frozen=True):
    """An answer, and the steps that led to it in order; ``metadata`` as server keys see it."""

    steps: tuple[Step, ...] = ()


def shown(value: JsonValue) -> str:
    """Return ``value`` as JSON for people, truncated if it is long."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
