"""Compile one flag: its stages in the order of the specification, each a closure that answers or passes on."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.bucketing import draw
from shared.engine.clauses import compile_all
from shared.engine.evaluation import Evaluation, Resolve
from shared.engine.outcome import NO_METADATA, Outcome
from shared.engine.runs import membership
from shared.model import TARGETING_KEY, ErrorCode, Reason
from shared.snapshot.wire import (
    A_ROLLOUT,
    NOT_CONSTANT,
    WireClaim,
    WireFlag,
    WirePrerequisite,
    WireRule,
    WireServe,
    WireTarget,
)

Stage = Callable[[Evaluation], Outcome | None]


@dataclass(frozen=True, slots=True)
class CompiledFlag:
    """A flag ready to evaluate; ``constant`` is its outcome where no context can change it."""

    key: str
    version: int
    client_visible: bool
    strong: bool
    prerequisites: tuple[WirePrerequisite, ...]
    constant: Outcome | None
    resolve: Resolve
    outcomes: "FlagOutcomes"


class FlagOutcomes:
    """Makes the outcomes of one flag, each distinct one once."""

    def __init__(self, flag: WireFlag) -> None:
        self._flag = flag
        self._made: dict[tuple[object, ...], Outcome] = {}

    def serve(self, variation: int, reason: Reason, name: str = "", value: str = "") -> Outcome:
        """Return the outcome of serving a variation, with at most one item of metadata."""
        made = self._made.get((variation, reason, name, value))
        if made is None:
            flag = self._flag
            made = self._made[variation, reason, name, value] = Outcome(
                flag.key,
                flag.version,
                reason,
                variation=flag.names[variation],
                variation_index=variation,
                value_json=flag.values[variation],
                metadata={name: value} if name else NO_METADATA,
            )
        return made

    def missing_unit(self, by: str) -> Outcome:
        """Return the error of a draw for which the context holds no unit."""
        made = self._made.get((by,))
        if made is None:
            details = f"flag {self._flag.key!r} draws by {by!r}: send it as a non-empty string or an integer"
            made = self._made[by,] = Outcome(
                self._flag.key,
                self._flag.version,
                Reason.ERROR,
                error_code=ErrorCode.TARGETING_KEY_MISSING,
                error_details=details,
            )
        return made

    def prerequisite_failed(self, key: str) -> Outcome:
        """Return the off variation, because prerequisite ``key`` does not hold."""
        return self.serve(self._flag.off, Reason.DEFAULT, "prerequisiteFailed", key)


def compile_flag(flag: WireFlag) -> CompiledFlag:
    """Return the compiled form of one flag of a shard."""
    outcomes = FlagOutcomes(flag)
    constant = None if flag.constant == NOT_CONSTANT else outcomes.serve(flag.constant, Reason(flag.reason))
    return CompiledFlag(
        flag.key,
        flag.version,
        flag.client_visible,
        flag.strong,
        flag.prerequisites,
        constant,
        _compile_stages(flag, outcomes) if constant is None else _always(constant),
        outcomes,
    )


def _always(outcome: Outcome) -> Resolve:
    return lambda _evaluation: outcome


def _compile_stages(flag: WireFlag, outcomes: FlagOutcomes) -> Resolve:
    stages: list[Stage] = [_prerequisite(each, outcomes) for each in flag.prerequisites]
    if flag.claim:
        stages.append(_claim(flag.claim, flag.off, outcomes))
    if flag.targets:
        stages.append(_targets(flag.targets, outcomes))
    stages += [_rule(rule, flag, outcomes) for rule in flag.rules]
    fallthrough = _serve(flag.fallthrough, flag, outcomes, Reason.DEFAULT)
    if not stages:
        return fallthrough

    def resolve(evaluation: Evaluation) -> Outcome:
        for stage in stages:
            outcome = stage(evaluation)
            if outcome is not None:
                return outcome
        return fallthrough(evaluation)

    return resolve


def _prerequisite(prerequisite: WirePrerequisite, outcomes: FlagOutcomes) -> Stage:
    key, failed = prerequisite.flag, outcomes.prerequisite_failed(prerequisite.flag)

    def check(evaluation: Evaluation) -> Outcome | None:
        return None if satisfies(evaluation.outcome_of(key), prerequisite) else failed

    return check


def satisfies(outcome: Outcome | None, prerequisite: WirePrerequisite) -> bool:
    """Return whether a flag's outcome lets a flag that depends on it go on: on, without error, a named variation."""
    return (
        outcome is not None
        and outcome.reason is not Reason.DISABLED
        and outcome.error_code is None
        and outcome.variation in prerequisite.variations
    )


def _claim(claim: WireClaim, off: int, outcomes: FlagOutcomes) -> Stage:
    excluded = outcomes.serve(off, Reason.DEFAULT, "excludedBy", claim.group)
    prefix, low, high = claim.prefix, claim.low, claim.high

    def check(evaluation: Evaluation) -> Outcome | None:
        unit = evaluation.unit(TARGETING_KEY)
        if unit is None:
            return outcomes.missing_unit(TARGETING_KEY)
        return None if low <= draw(prefix, unit) < high else excluded

    return check


def _targets(targets: tuple[WireTarget, ...], outcomes: FlagOutcomes) -> Stage:
    lists = tuple((membership(each.units), outcomes.serve(each.variation, Reason.TARGETING_MATCH)) for each in targets)

    def check(evaluation: Evaluation) -> Outcome | None:
        sealed = evaluation.sealed_unit()
        if sealed is not None:
            for listed, outcome in lists:
                if listed(sealed):
                    return outcome
        return None

    return check


def _rule(rule: WireRule, flag: WireFlag, outcomes: FlagOutcomes) -> Stage:
    holds = compile_all(rule.clauses)
    serve = _serve(rule.serve, flag, outcomes, Reason.TARGETING_MATCH, rule.id)
    return lambda evaluation: serve(evaluation) if holds(evaluation) else None


def _serve(serve: WireServe, flag: WireFlag, outcomes: FlagOutcomes, reason: Reason, rule_id: str = "") -> Resolve:
    name = "ruleId" if rule_id else ""
    if serve.variation != A_ROLLOUT:
        return _always(outcomes.serve(serve.variation, reason, name, rule_id))
    choices = tuple(outcomes.serve(choice, Reason.SPLIT, name, rule_id) for choice in serve.choices)
    by, prefix, bounds = serve.by, serve.prefix, serve.bounds
    kept: Mapping[str | None, Outcome] = {choice.variation: choice for choice in choices} if flag.sticky else {}

    def split(evaluation: Evaluation) -> Outcome:
        unit = evaluation.unit(by)
        if unit is None:
            return outcomes.missing_unit(by)
        if kept and flag.key in evaluation.assignments:
            assigned = kept.get(evaluation.assignments[flag.key])
            if assigned is not None:
                return assigned
        return choices[bisect_right(bounds, draw(prefix, unit))]

    return split
