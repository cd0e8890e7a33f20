"""A plan: all flags of one snapshot and scope, slice by slice, and what is computed for every view of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flaghoist.bulk.conditions import RuleGroups, groups_steps
from flaghoist.bulk.lanes import ConstantLane, DrawLane, FixedLane, MixedLane, OtherLane
from flaghoist.bulk.layout import (
    CONSTANT,
    DRAWN,
    FIXED,
    MIXED,
    OTHER,
    RULED,
    Lane,
    Layout,
    Put,
    Slice,
    layout_steps,
)
from flaghoist.bulk.ruled import RuleLane
from flaghoist.bulk.targets import Targets
from flaghoist.rules.evaluation import Evaluation, Resolve
from flaghoist.rules.views import View
from flaghoist.snapshot.wire import WireFlag
from flaghoist.steps import Steps


@dataclass(frozen=True, slots=True)
class Plan:
    """Lanes, the layout of the answer, and the outcomes of targets."""

    slices: Sequence[Slice]
    lanes: Sequence[Lane]
    groups: RuleGroups
    layout: Layout
    targets: Targets


def plan_steps(
    slices: Sequence[Slice], resolve: Callable[[WireFlag], Resolve], previous: Plan | None = None
) -> Steps[Plan]:
    """Return the plan of slices; results of ``previous`` for the same slices are reused.

    ``resolve`` gives the evaluation of a flag that no lane decides.
    """
    groups = yield from groups_steps(slices, previous.groups if previous else None)
    lanes: Mapping[str, Callable[[str], Lane]] = {
        DRAWN: DrawLane,
        MIXED: MixedLane,
        RULED[0]: lambda _: RuleLane(groups.codes, resolve),
        OTHER[0]: lambda _: OtherLane(resolve),
        FIXED[0]: lambda _: FixedLane(),
        CONSTANT[0]: lambda _: ConstantLane(),
    }
    sections = dict.fromkeys(section for each in slices for section in each.places)
    layout = yield from layout_steps(slices, previous.layout if previous else None)
    return Plan(slices, [lanes[kind](by) for kind, by in sections], groups, layout, _targets(layout))


def _targets(layout: Layout) -> Targets:
    targets = Targets()
    for each, ranks in zip(layout.slices, layout.ranks, strict=True):
        if each.targets.places:
            targets.add_slice(each.targets, [layout.place_of[ranks.all[place]] for place in each.targets.places])
    return targets


class Sheet:
    """A plan in one view: renders that view for any context. Made by `sheet_steps`.

    ``ready`` are the template fragments in order; ``puts`` replace those that differ for a context.
    """

    def __init__(self, plan: Plan, view: View, ready: list[bytes], puts: Sequence[Put]) -> None:
        self._view = view
        self._ready = ready
        self._puts = puts
        self._targets = plan.targets

    def render(self, evaluation: Evaluation, before: bytes, after: bytes) -> bytes:
        """Return the fragments of all flags in order, joined by commas, between two texts. They are copied once."""
        picked = self._ready.copy()
        for put in self._puts:
            put(evaluation, picked)
        if self._targets:
            sealed = evaluation.sealed_unit()
            if sealed is not None:
                for place, outcome in self._targets.patches(sealed):
                    picked[place] = self._view.fragment(outcome)
        if not picked:
            return before + after
        picked[0] = before + picked[0]
        picked[-1] += after
        return b",".join(picked)


def sheet_steps(plan: Plan, view: View) -> Steps[Sheet]:
    """Return the plan in the view."""
    ready = [b""] * plan.layout.size
    puts: list[Put] = []
    for lane in plan.lanes:
        put = yield from lane.laid_out(plan.layout, view, ready)
        if put is not None:
            puts.append(put)
    return Sheet(plan, view, ready, puts)
