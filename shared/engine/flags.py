"""Compile one flag: its stages in the order of the specification, each a closure that answers or passes on.

Closures serve single evaluations and flags of rare shapes. Most answers are those of all flags at once, which
`shared.bulk` gives without them, so a flag that has a `Form` gets its closures when they are first asked for.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping

from shared.bucketing import draw
from shared.engine.clauses import compile_all, is_sound
from shared.engine.evaluation import Evaluation, Resolve
from shared.engine.forms import Form, form_of
from shared.engine.outcome import Outcome
from shared.engine.runs import membership
from shared.engine.serves import FlagOutcomes, Serve
from shared.model import TARGETING_KEY, Reason
from shared.snapshot.wire import NOT_CONSTANT, WireClaim, WireFlag, WirePrerequisite, WireTarget

Stage = Callable[[Evaluation], Outcome | None]


class CompiledFlag:
    """A flag ready to evaluate.

    ``constant`` is its outcome where no context can change it; ``form`` is its shape where that is a usual one.
    """

    __slots__ = ("_resolve", "_wire", "client_visible", "constant", "form", "key", "outcomes", "strong")

    def __init__(self, flag: WireFlag) -> None:
        self.key = flag.key
        self.client_visible = flag.client_visible
        self.strong = flag.strong
        self.outcomes = FlagOutcomes(flag)
        is_constant = flag.constant != NOT_CONSTANT
        self.constant = self.outcomes.serve(flag.constant, Reason(flag.reason)) if is_constant else None
        self.form: Form | None = None if is_constant else form_of(flag, self.outcomes)
        self._wire = flag
        self._resolve: Resolve | None = None
        if not is_constant and (self.form is None or not all(is_sound(rule.clauses) for rule in flag.rules)):
            self._resolve = _compile(flag, self.outcomes)

    @property
    def prerequisites(self) -> tuple[WirePrerequisite, ...]:
        """The flags that must hold first."""
        return self._wire.prerequisites

    @property
    def resolve(self) -> Resolve:
        """The flag's evaluation as a closure."""
        if self._resolve is None:
            self._resolve = _always(self.constant) if self.constant else _compile(self._wire, self.outcomes)
        return self._resolve


def compile_flag(flag: WireFlag) -> CompiledFlag:
    """Return the compiled form of one flag of a shard; what cannot be evaluated raises here and never later."""
    return CompiledFlag(flag)


def _always(outcome: Outcome) -> Resolve:
    return lambda _evaluation: outcome


def _compile(flag: WireFlag, outcomes: FlagOutcomes) -> Resolve:
    stages: list[Stage] = [_prerequisite(each, outcomes) for each in flag.prerequisites]
    if flag.claim:
        stages.append(_claim(flag.claim, flag.off, outcomes))
    if flag.targets:
        stages.append(_targets(flag.targets, outcomes))
    for rule in flag.rules:
        serve = _serve(outcomes.of(rule.serve, Reason.TARGETING_MATCH, rule.id), flag)
        stages.append(_where(compile_all(rule.clauses), serve))
    fallthrough = _serve(outcomes.of(flag.fallthrough, Reason.DEFAULT), flag)
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


def _where(holds: Callable[[Evaluation], bool], serve: Resolve) -> Stage:
    return lambda evaluation: serve(evaluation) if holds(evaluation) else None


def _serve(serve: Serve, flag: WireFlag) -> Resolve:
    if isinstance(serve, Outcome):
        return _always(serve)
    by, prefix, bounds, choices, missing = serve.by, serve.prefix, serve.bounds, serve.choices, serve.missing
    kept: Mapping[str | None, Outcome] = {choice.variation: choice for choice in choices} if flag.sticky else {}

    def split(evaluation: Evaluation) -> Outcome:
        unit = evaluation.unit(by)
        if unit is None:
            return missing
        if kept and flag.key in evaluation.assignments:
            assigned = kept.get(evaluation.assignments[flag.key])
            if assigned is not None:
                return assigned
        return choices[bisect_right(bounds, draw(prefix, unit))]

    return split
