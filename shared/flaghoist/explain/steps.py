"""What an explanation consists of: the steps taken, and the answer that they led to."""

from collections.abc import Mapping

import msgspec

from flaghoist.model.flags import ErrorCode, JsonValue, Reason

_LONGEST_SHOWN = 80


class Step(msgspec.Struct, frozen=True):
    """One step: whether what it asks was so, and what was looked at; ``flag`` is whose step it is.

    ``stage`` is one of flag, on, prerequisite, group, targets, rule, clause, segment, fallthrough and draw.
    """

    stage: str
    passed: bool
    detail: str
    flag: str = ""


class FlagOutcome(msgspec.Struct, frozen=True):
    """What evaluating one flag gives; ``variation`` is None exactly where there is an error code."""

    variation: str | None
    value: JsonValue
    reason: Reason
    error_code: ErrorCode | None = None
    metadata: Mapping[str, str] = {}


class Explanation(FlagOutcome, frozen=True):
    """An answer, and the steps that led to it, in the order taken; ``metadata`` as server keys see it."""

    steps: tuple[Step, ...] = ()


def shown(value: JsonValue) -> str:
    """Return ``value`` as JSON for people, cut where it is long."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
