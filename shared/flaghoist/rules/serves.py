"""The outcomes that one flag or rule serves: one for everybody, or a draw among several."""

from collections.abc import Mapping

import msgspec

from flaghoist.model.outcome import ErrorCode, Outcome, Reason
from flaghoist.snapshot.wire import A_MIXED_ROLLOUT, A_ROLLOUT, NOT_CONSTANT, WireFlag, WireServe

_REASONS = {reason.value: reason for reason in Reason}


class Draw(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A draw by the unit in attribute ``by``: the first of ``bounds`` above its bucket selects one of ``choices``.

    ``prefix`` is the text before the unit in the hashed text. Without a unit the outcome is `missing_unit`.
    """

    by: str
    prefix: str
    bounds: tuple[int, ...]
    choices: tuple[Outcome, ...]


class MixedDraw(Draw, frozen=True, eq=False, gc=False):
    """A draw by ``mix``; its factors come from ``prefix``."""


Serve = Outcome | Draw

DRAWS: Mapping[int, type[Draw]] = {A_ROLLOUT: Draw, A_MIXED_ROLLOUT: MixedDraw}
"""The ways to draw, by the number that stands in place of a variation."""


def served(flag: WireFlag, variation: int, reason: Reason, name: str = "", value: str = "") -> Outcome:
    """Return the outcome of a variation, with at most one item of metadata."""
    outcome = Outcome(flag.key, flag.version, reason, flag.names[variation], variation, flag.values[variation])
    if name:
        outcome.metadata = {name: value}
    return outcome


def constant_of(flag: WireFlag) -> Outcome | None:
    """Return the flag's outcome if no context can change it."""
    return None if flag.constant == NOT_CONSTANT else served(flag, flag.constant, _REASONS[flag.reason])


def missing_unit(flag: WireFlag, by: str) -> Outcome:
    """Return the error of a draw whose unit is missing from the context."""
    details = f"flag {flag.key!r} draws by {by!r}: send it as a non-empty string or an integer"
    code = ErrorCode.TARGETING_KEY_MISSING
    return Outcome(flag.key, flag.version, Reason.ERROR, error_code=code, error_details=details)


def prerequisite_failed(flag: WireFlag, key: str) -> Outcome:
    """Return the off variation, because prerequisite ``key`` is not satisfied."""
    return served(flag, flag.off, Reason.DEFAULT, "prerequisiteFailed", key)


def choices_of(flag: WireFlag, serve: WireServe, rule_id: str = "") -> tuple[Outcome, ...]:
    """Return the outcomes among which a rollout draws."""
    name = "ruleId" if rule_id else ""
    return tuple([served(flag, choice, Reason.SPLIT, name, rule_id) for choice in serve.choices])


def fallthrough_of(flag: WireFlag) -> Serve:
    """Return what the flag serves if nothing else matches."""
    return _of(flag, flag.fallthrough, Reason.DEFAULT, "")


def rules_of(flag: WireFlag) -> list[Serve]:
    """Return what each rule serves."""
    return [_of(flag, rule.serve, Reason.TARGETING_MATCH, rule.id) for rule in flag.rules]


def targets_of(flag: WireFlag) -> list[tuple[bytes, Outcome]]:
    """Return the sealed runs of the individual targets, each with its outcome."""
    return [(each.units, served(flag, each.variation, Reason.TARGETING_MATCH)) for each in flag.targets]


def _of(flag: WireFlag, serve: WireServe, reason: Reason, rule_id: str) -> Serve:
    draw = DRAWS.get(serve.variation)
    if draw is not None:
        return draw(serve.by, serve.prefix, serve.bounds, choices_of(flag, serve, rule_id))
    return served(flag, serve.variation, reason, "ruleId" if rule_id else "", rule_id)
