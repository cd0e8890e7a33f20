"""The engine: all flags of one snapshot, evaluated one at a time or all at once."""

from collections.abc import Iterable, Mapping, Sequence

from flaghoist.bulk.plan import Plan, Sheet, plan_steps, sheet_steps
from flaghoist.engine.shards import CompiledFlags, FlagShard
from flaghoist.model.context import Context
from flaghoist.model.outcome import Outcome, unknown_flag
from flaghoist.rules.evaluation import Evaluation, Truth
from flaghoist.rules.flags import CompiledFlag, satisfies
from flaghoist.rules.serves import prerequisite_failed
from flaghoist.rules.views import View
from flaghoist.snapshot.sealing import Sealer
from flaghoist.snapshot.wire import WireFlag
from flaghoist.steps import Steps, complete

_NO_ASSIGNMENTS: Mapping[str, str] = {}


class Engine:
    """Evaluates; never raises, does no I/O, depends on the snapshot and the context alone.

    The constructor folds flags across prerequisites: a flag whose prerequisites are constant may be constant itself.
    Results of ``previous`` for shards that both hold are reused; ``previous`` itself is not kept.
    """

    def __init__(
        self,
        shards: Iterable[FlagShard],
        segments: Mapping[str, Truth],
        sealer: Sealer,
        previous: "Engine | None" = None,
    ) -> None:
        self._shards = tuple(shards)
        self._flags: CompiledFlags = CompiledFlags(self._shards, previous._flags if previous else None)
        self._segments = segments
        self._sealer = sealer
        _fold(self._shards, self._flags)
        self._scopes: dict[bool, list[CompiledFlag]] = {}
        self._plans: dict[bool, Plan] = {}
        self._sheets: dict[tuple[bool, View], Sheet] = {}

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all live flags, sorted."""
        return tuple(sorted(self._flags.wire))

    def flag(self, key: str) -> WireFlag | None:
        """Return the live flag of this key, if any."""
        return self._flags.wire.get(key)

    def evaluate(
        self,
        key: str,
        context: Context,
        *,
        client_only: bool = False,
        sticky: Mapping[str, str] = _NO_ASSIGNMENTS,
    ) -> Outcome:
        """Return the outcome of one flag; with ``client_only`` a flag that is hidden from clients is unknown."""
        known = self._flags.wire.get(key)
        if known is None or (client_only and not known.client_visible):
            return unknown_flag(key)
        flag = self._flags.compiled(known)
        return flag.constant or self._flags.folded.get(key) or flag.resolve(self._begin(context, sticky))

    def evaluate_all(
        self, context: Context, *, client_only: bool, sticky: Mapping[str, str] = _NO_ASSIGNMENTS
    ) -> list[Outcome]:
        """Return the outcomes of all live flags, or of those visible to clients, sorted by key."""
        evaluation, folded = self._begin(context, sticky), self._flags.folded
        return [
            flag.constant or folded.get(flag.key) or flag.resolve(evaluation) for flag in self._in_scope(client_only)
        ]

    def render_all(
        self,
        context: Context,
        view: View,
        before: bytes = b"",
        after: bytes = b"",
        *,
        client_only: bool,
        sticky: Mapping[str, str] = _NO_ASSIGNMENTS,
    ) -> bytes:
        """Return the same as the view's fragments, joined by commas, between two texts; many times faster."""
        if sticky:
            return before + view.join(self.evaluate_all(context, client_only=client_only, sticky=sticky)) + after
        sheet = self._sheets.get((client_only, view)) or complete(self.sheet_steps(view, client_only=client_only))
        return sheet.render(self._begin(context, sticky), before, after)

    def sheet_steps(self, view: View, *, client_only: bool, previous: "Engine | None" = None) -> Steps[Sheet]:
        """Prepare to render a view, in steps; otherwise `render_all` does it at once.

        Results of ``previous`` for shards that this engine holds too are reused.
        """
        plan = self._plans.get(client_only)
        if plan is None:
            slices = [shard.slice_of(client_only) for shard in self._shards]
            known = previous._plans.get(client_only) if previous else None
            plan = self._plans[client_only] = yield from plan_steps(slices, self._flags.resolve, known)
        sheet = self._sheets[client_only, view] = yield from sheet_steps(plan, view)
        return sheet

    @property
    def sheets(self) -> tuple[tuple[bool, View], ...]:
        """Scopes and views that this engine is ready to render, so that the next engine can prepare the same."""
        return tuple(self._sheets)

    def _in_scope(self, client_only: bool) -> Sequence[CompiledFlag]:
        found = self._scopes.get(client_only)
        if found is None:
            flags = [flag for _, flag in sorted(self._flags.wire.items())]
            found = [self._flags.compiled(flag) for flag in flags if flag.client_visible or not client_only]
            self._scopes[client_only] = found
        return found

    def _begin(self, context: Context, assignments: Mapping[str, str]) -> Evaluation:
        return Evaluation(context, self._flags, self._segments, self._sealer, assignments)


def _fold(shards: Iterable[FlagShard], flags: CompiledFlags) -> None:
    """Find every flag whose prerequisites make its outcome constant."""
    seen: set[str] = set()
    for flag in (flag for shard in shards for flag in shard.dependents):
        if flag.key not in seen:
            _fold_one(flag, flags, seen)


def _fold_one(flag: WireFlag, flags: CompiledFlags, seen: set[str]) -> None:
    """Fold the flag if its outcome is constant. Not a closure: its cycle would keep old snapshots alive."""
    seen.add(flag.key)
    for prerequisite in flag.prerequisites:
        other = flags.wire.get(prerequisite.flag)
        if other is not None and other.prerequisites and other.key not in seen:
            _fold_one(other, flags, seen)
        known = (flags.compiled(other).constant or flags.folded.get(other.key)) if other is not None else None
        if other is not None and known is None:
            return
        if not satisfies(known, prerequisite):
            flags.folded[flag.key] = prerequisite_failed(flag, prerequisite.flag)
            return
