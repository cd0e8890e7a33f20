"""Compile one flag: its stages in the order of the specification, each a closure that answers or passes on.

Closures serve single evaluations and flags of rare shapes. `flaghoist.bulk` answers all flags at once without most of
them, so a flag is compiled when its closures are first needed.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping

from flaghoist.model.bucketing import draw, factors_of, mixed_draw
from flaghoist.model.flags import TARGETING_KEY
from flaghoist.model.outcome import Outcome, Reason
from flaghoist.rules.clauses import compile_all
from flaghoist.rules.evaluation import Evaluation, Resolve
from flaghoist.rules.serves import (
    Draw,
    MixedDraw,
    Serve,
    constant_of,
    fallthrough_of,
    missing_unit,
    prerequisite_failed,
    rules_of,
    served,
    targets_of,
)
from flaghoist.snapshot.sealing import membership
from flaghoist.snapshot.wire import WireClaim, WireFlag, WirePrerequisite

Stage = Callable[[Evaluation], Outcome | None]


class CompiledFlag:
    """A flag ready to evaluate; ``constant`` is its outcome if no context can change it."""

    __slots__ = ("_resolve", "constant", "key")

    def __init__(self, flag: WireFlag) -> None:
        self.key = flag.key
        self.constant = constant_of(flag)
        self._resolve = None if self.constant else _compile(flag)

    @property
    def resolve(self) -> Resolve:
        """The flag's evaluation as a closure."""
        if self._resolve is None:
            assert self.constant is not None
            self._resolve = always(self.constant)
        return self._resolve


def always(outcome: Outcome) -> Resolve:
    """Return the evaluation that gives one outcome for every context."""
    return lambda _evaluation: outcome


def _compile(flag: WireFlag) -> Resolve:
    stages: list[Stage] = [_prerequisite(flag, each) for each in flag.prerequisites]
    if flag.claim:
        stages.append(_claim(flag, flag.claim))
    if flag.targets:
        stages.append(_targets(flag))
    for rule, serve in zip(flag.rules, rules_of(flag), strict=True):
        stages.append(_where(compile_all(rule.clauses), _serve(flag, serve)))
    fallthrough = _serve(flag, fallthrough_of(flag))
    if not stages:
        return fallthrough

    def resolve(evaluation: Evaluation) -> Outcome:
        for stage in stages:
            outcome = stage(evaluation)
            if outcome is not None:
                return outcome
        return fallthrough(evaluation)

    return resolve


def _prerequisite(flag: WireFlag, prerequisite: WirePrerequisite) -> Stage:
    key, failed = prerequisite.flag, prerequisite_failed(flag, prerequisite.flag)

    def check(evaluation: Evaluation) -> Outcome | None:
        return None if satisfies(evaluation.outcome_of(key), prerequisite) else failed

    return check


def satisfies(outcome: Outcome | None, prerequisite: WirePrerequisite) -> bool:
    """Return whether a flag's outcome satisfies a prerequisite: on, without error, one of the named variations."""
    return (
        outcome is not None
        and outcome.reason is not Reason.DISABLED
        and outcome.error_code is None
        and outcome.variation in prerequisite.variations
    )


def _claim(flag: WireFlag, claim: WireClaim) -> Stage:
    excluded = served(flag, flag.off, Reason.DEFAULT, "excludedBy", claim.group)
    prefix, low, high = claim.prefix, claim.low, claim.high
    missing = _missing(flag, TARGETING_KEY)

    def check(evaluation: Evaluation) -> Outcome | None:
        unit = evaluation.unit(TARGETING_KEY)
        if unit is None:
            return missing()
        return None if low <= draw(prefix, unit) < high else excluded

    return check


def _missing(flag: WireFlag, by: str) -> Callable[[], Outcome]:
    """Return the function for the error of a missing unit, built on first use: hardly any context lacks one."""
    made: Outcome | None = None

    def missing() -> Outcome:
        nonlocal made
        if made is None:
            made = missing_unit(flag, by)
        return made

    return missing


def _targets(flag: WireFlag) -> Stage:
    lists = tuple((membership(run), outcome) for run, outcome in targets_of(flag))

    def check(evaluation: Evaluation) -> Outcome | None:
        sealed = evaluation.sealed_unit()
        if sealed is not None:
            for listed, outcome in lists:
                if listed(sealed):
                    return outcome
        return None

    return check


def _where(holds: Callable[[Evaluation], bool], serve: Resolve) -> Stage:
    return lambda evaluation: serve(evaluation) if holds(evaluation) else None


def _serve(flag: WireFlag, serve: Serve) -> Resolve:
    if isinstance(serve, Outcome):
        return always(serve)
    by, bounds, choices, drawn = serve.by, serve.bounds, serve.choices, _drawn_by(serve)
    missing = _missing(flag, by)
    kept: Mapping[str | None, Outcome] = {choice.variation: choice for choice in choices} if flag.sticky else {}

    def split(evaluation: Evaluation) -> Outcome:
        unit = evaluation.unit(by)
        if unit is None:
            return missing()
        if kept and flag.key in evaluation.assignments:
            assigned = kept.get(evaluation.assignments[flag.key])
            if assigned is not None:
                return assigned
        return choices[bisect_right(bounds, drawn(evaluation, unit))]

    return split


def _drawn_by(serve: Draw) -> Callable[[Evaluation, str], int]:
    """Return the function that gives a unit's bucket."""
    prefix = serve.prefix
    if isinstance(serve, MixedDraw):
        factors = factors_of(prefix)
        return lambda evaluation, unit: mixed_draw(factors, evaluation.words(unit))
    return lambda _evaluation, unit: draw(prefix, unit)
