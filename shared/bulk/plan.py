"""A plan: all flags of one snapshot and scope, slice by slice, and what is worked out for every view of them."""

from collections.abc import Callable, Sequence
from operator import itemgetter

import msgspec

from shared.bulk.groups import RuleGroups, groups_steps
from shared.bulk.lanes import ConstantLane, DrawLane, FixedLane, Lane, OtherLane, Pick, RuleLane
from shared.bulk.layout import Layout, layout_steps
from shared.bulk.slices import CONSTANT, PAIR, WIDE, Slice
from shared.bulk.targets import Targets
from shared.bulk.views import View
from shared.engine.evaluation import Evaluation, Resolve
from shared.snapshot.wire import WireFlag
from shared.steps import Steps


class Plan(msgspec.Struct, frozen=True, eq=False):
    """Lanes in their order, the layout of what they pick, and what targets put in its place."""

    slices: Sequence[Slice]
    lanes: Sequence[Lane]
    groups: RuleGroups
    layout: Layout
    targets: Targets


def plan_steps(
    slices: Sequence[Slice], resolve: Callable[[WireFlag], Resolve], previous: Plan | None = None
) -> Steps[Plan]:
    """Return the plan of slices; what ``previous`` has worked out about the same slices is taken over.

    ``resolve`` gives the evaluation of a flag that no lane decides.
    """
    groups = yield from groups_steps(slices, previous.groups if previous else None)
    held = {section for each in slices for section in each.places}
    draws = dict.fromkeys(by for each in slices for kind, by in each.places if kind in {PAIR, WIDE})
    lanes: list[Lane] = [*map(DrawLane, draws), RuleLane(groups.codes, resolve), OtherLane(resolve), FixedLane()]
    used = [lane for lane in lanes if not held.isdisjoint(lane.sections)]
    sections = [section for lane in used for section in lane.sections]
    layout = yield from layout_steps(slices, sections, previous.layout if previous else None)
    if CONSTANT in held:
        used.append(ConstantLane(layout.ranks, layout.runs))
    return Plan(slices, used, groups, layout, _targets(layout))


def _targets(layout: Layout) -> Targets:
    targets = Targets()
    for each, ranks in zip(layout.slices, layout.ranks, strict=True):
        if each.targets.places:
            targets.add(each.targets, [layout.place_of[ranks.all[place]] for place in each.targets.places])
    return targets


class Sheet:
    """A plan laid out in one view: answers that view for any context. Made by `sheet_steps`."""

    def __init__(self, plan: Plan, view: View, picks: Sequence[Pick]) -> None:
        self._view = view
        self._picks = picks
        self._targets = plan.targets
        order = plan.layout.order
        self._in_order = itemgetter(*order) if len(order) > 1 else tuple

    def render(self, evaluation: Evaluation) -> bytes:
        """Return the fragments of all flags in order, joined by commas."""
        picked: list[bytes] = []
        for pick in self._picks:
            picked += pick(evaluation)
        if self._targets:
            sealed = evaluation.sealed_unit()
            if sealed is not None:
                for place, outcome in self._targets.patches(sealed):
                    picked[place] = self._view.fragment(outcome)
        return b",".join(self._in_order(picked))


def sheet_steps(plan: Plan, view: View) -> Steps[Sheet]:
    """Return the plan laid out in the view."""
    picks = []
    for lane in plan.lanes:
        picks.append((yield from lane.laid_out(plan.slices, view)))
    return Sheet(plan, view, picks)
