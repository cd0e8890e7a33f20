"""A plan: all flags of one snapshot and scope in the order of their keys, sorted into lanes."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from operator import itemgetter

from shared.bulk.lanes import ConstantLane, DrawLane, FixedLane, Lane, OtherLane, Pick, RuleLane
from shared.bulk.targets import Targets
from shared.bulk.views import View
from shared.engine.evaluation import Evaluation
from shared.engine.flags import CompiledFlag
from shared.engine.forms import Form
from shared.engine.outcome import Outcome
from shared.engine.serves import Draw
from shared.steps import Steps, each

_STEP_TARGETED = 50
"""Flags with targets are many items each: one per unit."""


class Plan:
    """Made by `plan_steps`; ``order`` leads from the places of all lanes, one after another, to the order of keys."""

    def __init__(self) -> None:
        self._draws: dict[str, DrawLane] = {}
        self._ruled = RuleLane()
        self._others = OtherLane()
        self._fixed = FixedLane()
        self._constants = ConstantLane()
        self._places: list[tuple[Sequence[object], int]] = []
        self._targeted: list[tuple[int, Form]] = []
        self._is_in_run = False

    def add(self, flag: CompiledFlag, constant: Outcome | None) -> None:
        """Add the flag that comes next in order."""
        if constant is not None:
            self._add_constant(constant)
            return
        self._is_in_run = False
        form = flag.form
        if form is None:
            self._others.add(flag)
            self._place(self._others.sections[0])
            return
        if form.targets:
            self._targeted.append((len(self._places), form))
        self._place(self._add_form(flag, form))

    def _add_constant(self, outcome: Outcome) -> None:
        if self._is_in_run:
            self._constants.extend(outcome)
            return
        self._is_in_run = True
        self._constants.add(outcome)
        self._place(self._constants.sections[0])

    def _add_form(self, flag: CompiledFlag, form: Form) -> Sequence[object]:
        """Add the flag to its lane; return the section that it is now the last of."""
        if form.rules:
            self._ruled.add(flag, form)
            return self._ruled.sections[0]
        if isinstance(form.fallthrough, Draw):
            by = form.fallthrough.by
            return self._draws.setdefault(by, DrawLane(by)).add(form.fallthrough)
        self._fixed.add(form.fallthrough)
        return self._fixed.sections[0]

    def _place(self, section: Sequence[object]) -> None:
        self._places.append((section, len(section) - 1))

    def finish(self) -> Steps[None]:
        """Work out the order and the targets, once all flags are added."""
        lanes: list[Lane] = [*self._draws.values(), self._ruled, self._others, self._fixed, self._constants]
        self.lanes = [lane for lane in lanes if any(lane.sections)]
        sections = [section for lane in self.lanes for section in lane.sections]
        starts = dict(zip(map(id, sections), accumulate(map(len, sections), initial=0), strict=False))
        self.order = yield from each(self._places, lambda place: starts[id(place[0])] + place[1])
        self.targets = Targets()
        yield from each(self._targeted, self._add_targets, step=_STEP_TARGETED)

    def _add_targets(self, targeted: tuple[int, Form]) -> None:
        place, form = targeted
        for run, outcome in form.targets:
            self.targets.add(run, self.order[place], outcome)


def plan_steps(flags: Sequence[CompiledFlag], constants: Mapping[str, Outcome]) -> Steps[Plan]:
    """Return the plan of flags that are sorted by key; ``constants`` are flags that others made constant."""
    plan = Plan()
    yield from each(flags, lambda flag: plan.add(flag, flag.constant or constants.get(flag.key)))
    yield from plan.finish()
    return plan


class Sheet:
    """A plan laid out in one view: answers that view for any context. Made by `sheet_steps`."""

    def __init__(self, plan: Plan, view: View, picks: Sequence[Pick]) -> None:
        self._view = view
        self._picks = picks
        self._targets = plan.targets
        self._in_order = itemgetter(*plan.order) if len(plan.order) > 1 else tuple

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
        picks.append((yield from lane.laid_out(view)))
    return Sheet(plan, view, picks)
