"""The engine: all compiled flags of one snapshot, evaluated one at a time or all at once."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from shared.bulk.plan import Plan, Sheet, plan_steps, sheet_steps
from shared.bulk.views import View
from shared.context import Context
from shared.engine.evaluation import Evaluation, Truth
from shared.engine.flags import CompiledFlag, satisfies
from shared.engine.outcome import Outcome, unknown_flag
from shared.sealing import Sealer
from shared.steps import Steps, complete

_NO_ASSIGNMENTS: Mapping[str, str] = {}
_key = attrgetter("key")


class Engine:
    """Evaluates; never raises, does no I/O, depends on the snapshot and the context alone.

    Constructing it folds what crosses flags: a flag whose prerequisites no context can change may be constant itself.
    """

    def __init__(self, flags: Iterable[CompiledFlag], segments: Mapping[str, Truth], sealer: Sealer) -> None:
        ordered = sorted(flags, key=_key)
        self._by_key = dict(zip(map(_key, ordered), ordered, strict=True))
        self._segments = segments
        self._sealer = sealer
        self._folded = _fold(self._by_key)
        self._plans: dict[bool, Plan] = {}
        self._sheets: dict[tuple[bool, View], Sheet] = {}

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all live flags, sorted."""
        return tuple(self._by_key)

    def flag(self, key: str) -> CompiledFlag | None:
        """Return the live flag of this key, if there is one."""
        return self._by_key.get(key)

    def evaluate(
        self,
        key: str,
        context: Context,
        *,
        client_only: bool = False,
        sticky: Mapping[str, str] = _NO_ASSIGNMENTS,
    ) -> Outcome:
        """Return the outcome of one flag; with ``client_only`` a flag hidden from clients is unknown."""
        flag = self._by_key.get(key)
        if flag is None or (client_only and not flag.client_visible):
            return unknown_flag(key)
        return flag.constant or self._folded.get(key) or flag.resolve(self._begin(context, sticky))

    def evaluate_all(
        self, context: Context, *, client_only: bool, sticky: Mapping[str, str] = _NO_ASSIGNMENTS
    ) -> list[Outcome]:
        """Return the outcomes of all live flags, or of those visible to clients, sorted by key."""
        evaluation, folded = self._begin(context, sticky), self._folded
        return [
            flag.constant or folded.get(flag.key) or flag.resolve(evaluation) for flag in self._in_scope(client_only)
        ]

    def render_all(
        self, context: Context, view: View, *, client_only: bool, sticky: Mapping[str, str] = _NO_ASSIGNMENTS
    ) -> bytes:
        """Return the same as the view's fragments, joined by commas; several times as fast as one by one."""
        if sticky:
            return view.join(self.evaluate_all(context, client_only=client_only, sticky=sticky))
        sheet = self._sheets.get((client_only, view)) or complete(self.sheet_steps(view, client_only=client_only))
        return sheet.render(self._begin(context, sticky))

    def sheet_steps(self, view: View, *, client_only: bool) -> Steps[Sheet]:
        """Get ready to render a view, in steps; `render_all` does it at once where it has not been done."""
        plan = self._plans.get(client_only)
        if plan is None:
            plan = self._plans[client_only] = yield from plan_steps(self._in_scope(client_only), self._folded)
        sheet = self._sheets[client_only, view] = yield from sheet_steps(plan, view)
        return sheet

    @property
    def sheets(self) -> tuple[tuple[bool, View], ...]:
        """Scopes and views that this engine is ready to render, for the next one to be as ready."""
        return tuple(self._sheets)

    def _in_scope(self, client_only: bool) -> Sequence[CompiledFlag]:
        flags = self._by_key.values()
        return [flag for flag in flags if flag.client_visible] if client_only else list(flags)

    def _begin(self, context: Context, assignments: Mapping[str, str]) -> Evaluation:
        return Evaluation(context, self._by_key, self._segments, self._sealer, assignments)


def _fold(flags: Mapping[str, CompiledFlag]) -> dict[str, Outcome]:
    """Return the outcome of every flag that its prerequisites make one that no context can change."""
    folded: dict[str, Outcome] = {}
    seen: set[str] = set()
    for flag in flags.values():
        if flag.form is None and flag.constant is None and flag.prerequisites and flag.key not in seen:
            _fold_one(flag, flags, folded, seen)
    return folded


def _fold_one(
    flag: CompiledFlag, flags: Mapping[str, CompiledFlag], folded: dict[str, Outcome], seen: set[str]
) -> None:
    """Add the flag's outcome to ``folded`` if it is one; no closure, whose cycle would keep old snapshots alive."""
    seen.add(flag.key)
    for prerequisite in flag.prerequisites:
        other = flags.get(prerequisite.flag)
        if other is not None and other.prerequisites and other.key not in seen:
            _fold_one(other, flags, folded, seen)
        known = (other.constant or folded.get(other.key)) if other is not None else None
        if other is not None and known is None:
            return
        if not satisfies(known, prerequisite):
            folded[flag.key] = flag.outcomes.prerequisite_failed(prerequisite.flag)
            return
