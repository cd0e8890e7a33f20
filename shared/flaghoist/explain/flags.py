"""Interpret flags, stage by stage in the order of the specification."""

from collections.abc import Callable, Mapping

from flaghoist.explain.clauses import ClauseReader
from flaghoist.explain.steps import FlagOutcome, Step
from flaghoist.model.bucketing import BUCKET_BY, bucket
from flaghoist.model.context import Context, look_up, unit
from flaghoist.model.flags import TARGETING_KEY, Flag, FlagSet, Prerequisite, Rollout, Serve
from flaghoist.model.outcome import ErrorCode, Reason
from flaghoist.validation.parts.lists import normalised


class FlagReader:
    """The flags of one explanation: evaluates them for the context, and records why."""

    def __init__(self, flagset: FlagSet, context: Context, assignments: Mapping[str, str]) -> None:
        self.steps: list[Step] = []
        self._flagset = flagset
        self._context = context
        self._assignments = assignments
        self._clauses = ClauseReader(flagset, context, self.steps)
        self._answers: dict[str, FlagOutcome] = {}

    def answer(self, key: str) -> FlagOutcome:
        """Return the answer of the flag ``key``; one that several flags require is explained once."""
        if key not in self._answers:
            flag = self._flagset.flags.get(key)
            if flag is None or flag.archived:
                state = "does not exist" if flag is None else "is archived"
                self._add_step("flag", False, f"flag '{key}' {state}", key)
                self._answers[key] = _error(ErrorCode.FLAG_NOT_FOUND)
            else:
                self._answers[key] = self._run_stages(flag)
        return self._answers[key]

    def _run_stages(self, flag: Flag) -> FlagOutcome:
        stages: tuple[Callable[[Flag], FlagOutcome | None], ...] = (
            self._is_on,
            self._prerequisites,
            self._group,
            self._targets,
            self._rules,
        )
        answers = (stage(flag) for stage in stages)
        found = next((answer for answer in answers if answer is not None), None)
        return found or self._fallthrough(flag)

    def _add_step(self, stage: str, passed: bool, detail: str, flag: str) -> None:
        self.steps.append(Step(stage, passed, detail, flag))

    def _unit(self, by: str) -> str | None:
        return unit(look_up(self._context, by))

    def _is_on(self, flag: Flag) -> FlagOutcome | None:
        self._add_step("on", flag.on, "the flag is on" if flag.on else "the flag is off", flag.key)
        return None if flag.on else _serve(flag, flag.off_variation, Reason.DISABLED)

    def _prerequisites(self, flag: Flag) -> FlagOutcome | None:
        for prerequisite in flag.prerequisites:
            failure = self._failure(prerequisite)
            wanted = " or ".join(f"'{name}'" for name in prerequisite.variations)
            detail = f"flag '{prerequisite.flag}' must serve {wanted}; {failure or 'it does'}"
            self._add_step("prerequisite", failure is None, detail, flag.key)
            if failure is not None:
                return _serve(flag, flag.off_variation, Reason.DEFAULT, prerequisiteFailed=prerequisite.flag)
        return None

    def _failure(self, prerequisite: Prerequisite) -> str | None:
        answer = self.answer(prerequisite.flag)
        if answer.error_code is not None:
            return f"it ends with {answer.error_code}"
        if answer.reason is Reason.DISABLED:
            return "it is off"
        return None if answer.variation in prerequisite.variations else f"it serves '{answer.variation}'"

    def _group(self, flag: Flag) -> FlagOutcome | None:
        if flag.group is None:
            return None
        key, (low, high) = flag.group.key, flag.group.range
        member = self._unit(TARGETING_KEY)
        if member is None:
            return self._missing_unit("group", TARGETING_KEY, flag)
        group = self._flagset.groups.get(key)
        drawn = bucket(group.salt if group else "", key, member)
        is_within = low <= drawn < high
        detail = f"bucket {drawn} of group '{key}' is {'in' if is_within else 'outside'} [{low}, {high})"
        self._add_step("group", is_within, detail, flag.key)
        return None if is_within else _serve(flag, flag.off_variation, Reason.DEFAULT, excludedBy=key)

    def _targets(self, flag: Flag) -> FlagOutcome | None:
        if not flag.targets:
            return None
        member = self._unit(TARGETING_KEY)
        for target in flag.targets:
            if member is not None and member in normalised(target.keys):
                self._add_step("targets", True, f"the targetingKey is a target of '{target.variation}'", flag.key)
                return _serve(flag, target.variation, Reason.TARGETING_MATCH)
        self._add_step("targets", False, "the targetingKey is no target", flag.key)
        return None

    def _rules(self, flag: Flag) -> FlagOutcome | None:
        for rule in flag.rules:
            holds = self._clauses.all_hold(rule.clauses, flag.key)
            detail = "every clause holds" if holds else "a clause does not hold"
            self._add_step("rule", holds, f"rule '{rule.id}': {detail}", flag.key)
            if holds:
                return self._serve(flag, rule.serve, Reason.TARGETING_MATCH, ruleId=rule.id)
        return None

    def _fallthrough(self, flag: Flag) -> FlagOutcome:
        self._add_step("fallthrough", True, "nothing before answers", flag.key)
        has_conditions = flag.targets or flag.rules or flag.prerequisites or flag.group
        return self._serve(flag, flag.fallthrough, Reason.DEFAULT if has_conditions else Reason.STATIC)

    def _serve(self, flag: Flag, serve: Serve, reason: Reason, **metadata: str) -> FlagOutcome:
        if serve.rollout is None:
            return _serve(flag, serve.variation or "", reason, **metadata)
        drawn = self._draw(flag, serve.rollout)
        return drawn if isinstance(drawn, FlagOutcome) else _serve(flag, drawn, Reason.SPLIT, **metadata)

    def _draw(self, flag: Flag, rollout: Rollout) -> str | FlagOutcome:
        """Return the variation that is drawn, or the error that ends the evaluation."""
        member = self._unit(rollout.by)
        if member is None:
            return self._missing_unit("draw", rollout.by, flag)
        kept = self._assignments.get(flag.key) if flag.sticky else None
        if kept is not None and any(kept == weight.variation for weight in rollout.weights):
            self._add_step("draw", True, f"a sticky assignment keeps '{kept}'", flag.key)
            return kept
        drawn = BUCKET_BY[rollout.algorithm](rollout.salt or flag.salt, flag.key, member)
        variation, low, high = _owner(rollout, drawn)
        name = "bucket" if rollout.algorithm == "sha256" else f"{rollout.algorithm} bucket"
        detail = f"{name} {drawn} by {rollout.by} is in [{low}, {high}) of '{variation}'"
        self._add_step("draw", True, detail, flag.key)
        return variation

    def _missing_unit(self, stage: str, by: str, flag: Flag) -> FlagOutcome:
        self._add_step(stage, False, f"{by} holds neither a non-empty string nor an integer", flag.key)
        return _error(ErrorCode.TARGETING_KEY_MISSING)


def _owner(rollout: Rollout, drawn: int) -> tuple[str, int, int]:
    """Return the variation that owns the bucket ``drawn``, and its half-open range."""
    low = 0
    for weight in rollout.weights:
        high = low + weight.weight
        if drawn < high:
            return weight.variation, low, high
        low = high
    raise AssertionError("validation holds that weights cover all buckets")


def _serve(flag: Flag, variation: str, reason: Reason, **metadata: str) -> FlagOutcome:
    return FlagOutcome(variation, flag.variations[variation], reason, None, metadata)


def _error(code: ErrorCode) -> FlagOutcome:
    return FlagOutcome(None, None, Reason.ERROR, code)
