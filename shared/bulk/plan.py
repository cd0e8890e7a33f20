"""A plan: all flags of one snapshot and scope in the order of their keys, sorted into lanes."""

from collections.abc import Mapping, Sequence
from operator import itemgetter

from shared.bulk.lanes import ConstantLane, DrawLane, FixedLane, Lane, OtherLane, PairLane, Pick, RuleLane
from shared.bulk.targets import Targets
from shared.bulk.views import View
from shared.engine.evaluation import Evaluation
from shared.engine.flags import CompiledFlag
from shared.engine.forms import Form
from shared.engine.outcome import Outcome
from shared.engine.serves import Draw
from shared.steps import Steps

STEP_FLAGS = 500
"""Flags per step, so that a step stays about a millisecond."""

_PAIR = 2


class Plan:
    """Made by `plan_steps`; ``order`` leads from the places of all lanes, one after another, to the order of keys."""

    def __init__(self) -> None:
        self._pairs: dict[str, PairLane] = {}
        self._draws: dict[str, DrawLane] = {}
        self._ruled = RuleLane()
        self._others = OtherLane()
        self._fixed = FixedLane()
        self._constants = ConstantLane()
        self._places: list[tuple[Lane, int]] = []
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
            self._place(self._others)
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
        self._place(self._constants)

    def _add_form(self, flag: CompiledFlag, form: Form) -> Lane:
        if form.rules:
            self._ruled.add(flag, form)
            return self._ruled
        if isinstance(form.fallthrough, Draw):
            return self._add_draw(form.fallthrough)
        self._fixed.add(form.fallthrough)
        return self._fixed

    def _add_draw(self, draw: Draw) -> Lane:
        lane: PairLane | DrawLane
        if len(draw.choices) <= _PAIR:
            lane = self._pairs.setdefault(draw.by, PairLane(draw.by))
        else:
            lane = self._draws.setdefault(draw.by, DrawLane(draw.by))
        lane.add(draw)
        return lane

    def _place(self, lane: Lane) -> None:
        self._places.append((lane, len(lane) - 1))

    def finish(self) -> None:
        """Work out the order and the targets, once all flags are added."""
        by_attribute: list[Lane] = [*self._pairs.values(), *self._draws.values()]
        lanes = [*by_attribute, self._ruled, self._others, self._fixed, self._constants]
        self.lanes = tuple(lane for lane in lanes if len(lane))
        starts: dict[int, int] = {}
        start = 0
        for lane in self.lanes:
            starts[id(lane)] = start
            start += len(lane)
        self.order = [starts[id(lane)] + index for lane, index in self._places]
        self.targets = Targets()
        for place, form in self._targeted:
            for run, outcome in form.targets:
                self.targets.add(run, self.order[place], outcome)


def plan_steps(flags: Sequence[CompiledFlag], constants: Mapping[str, Outcome]) -> Steps[Plan]:
    """Return the plan of flags that are sorted by key; ``constants`` are flags that others made constant."""
    plan = Plan()
    for number, flag in enumerate(flags, 1):
        plan.add(flag, flag.constant or constants.get(flag.key))
        if number % STEP_FLAGS == 0:
            yield
    plan.finish()
    yield
    return plan


class Sheet:
    """A plan laid out in one view: answers that view for any context. Made by `sheet_steps`."""

    def __init__(self, plan: Plan, view: View, picks: Sequence[Pick]) -> None:
        self._view = view
        self._picks = picks
        self._targets = plan.targets
        self._order = plan.order
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
    """Return the plan laid out in the view, a lane per step."""
    picks = []
    for lane in plan.lanes:
        picks.append(lane.laid_out(view))
        yield
    return Sheet(plan, view, picks)
