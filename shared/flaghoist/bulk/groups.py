"""The rules of all flags, in a few groups of slices: a change rebuilds one group, not all of them."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from flaghoist.bulk.conditions import RuleConditions
from flaghoist.bulk.slices import RULED, Slice
from flaghoist.rules.evaluation import Evaluation
from flaghoist.steps import Steps

FLAGS_PER_GROUP = 256
"""Each request evaluates every group and each change rebuilds one: this many flags with rules take a few milliseconds.
"""

Codes = Callable[[Evaluation], bytes]


class RuleGroups:
    """The conditions of each group of slices."""

    def __init__(self, groups: Mapping[tuple[Slice, ...], RuleConditions]) -> None:
        self._groups = groups
        self._conditions = tuple(groups.values())

    def get(self, slices: tuple[Slice, ...]) -> RuleConditions | None:
        """Return the conditions of these slices if they are a group."""
        return self._groups.get(slices)

    def codes(self, evaluation: Evaluation) -> bytes:
        """Return one code per flag with rules, in the order of the slices; see `RuleConditions.codes`."""
        if len(self._conditions) == 1:
            return self._conditions[0].codes(evaluation)
        return b"".join([conditions.codes(evaluation) for conditions in self._conditions])


def groups_steps(slices: Sequence[Slice], previous: RuleGroups | None) -> Steps[RuleGroups]:
    """Return the groups of slices; unchanged ones are taken from ``previous``."""
    made: dict[tuple[Slice, ...], RuleConditions] = {}
    groups = _grouped([each for each in slices if RULED in each.places])
    for group in groups:
        conditions = previous.get(group) if previous else None
        made[group] = conditions or (yield from _conditions(group, len(groups)))
    return RuleGroups(made)


def _grouped(slices: Sequence[Slice]) -> list[tuple[Slice, ...]]:
    """Return slices in groups of about the same size, chosen by their number alone, so that groups stay the same."""
    flags = sum(len(each.places[RULED]) for each in slices)
    count = -(-flags // FLAGS_PER_GROUP)
    numbered = groupby(enumerate(slices), key=lambda item: item[0] * count // len(slices))
    return [tuple(each for _, each in group) for _, group in numbered]


def _conditions(group: Sequence[Slice], groups: int) -> Steps[RuleConditions]:
    conditions = RuleConditions()
    for each in group:
        flags = each.of(RULED)
        for flag in flags:
            conditions.add([rule.clauses for rule in flag.rules])
        yield 2 * len(flags)
    conditions.finish(groups)
    yield len(group)
    return conditions
