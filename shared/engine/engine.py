"""The engine: all compiled flags of one snapshot, evaluated one at a time or all at once."""

from collections.abc import Iterable, Mapping
from operator import attrgetter

from shared.context import Context
from shared.engine.evaluation import Evaluation, Resolve, Truth
from shared.engine.flags import CompiledFlag, satisfies
from shared.engine.outcome import Outcome, unknown_flag
from shared.sealing import Sealer

_NO_ASSIGNMENTS: Mapping[str, str] = {}


class Engine:
    """Evaluates; never raises, does no I/O, depends on the snapshot and the context alone.

    Constructing it folds what crosses flags: a flag whose prerequisites no context can change may be constant itself.
    """

    def __init__(self, flags: Iterable[CompiledFlag], segments: Mapping[str, Truth], sealer: Sealer) -> None:
        ordered = sorted(flags, key=attrgetter("key"))
        self._by_key = {flag.key: flag for flag in ordered}
        self.keys = tuple(self._by_key)
        self._segments = segments
        self._sealer = sealer
        self._constants = _fold(self._by_key)
        self._resolve: dict[str, Resolve] = {flag.key: flag.resolve for flag in ordered}
        self._all = tuple((self._constants.get(flag.key), flag.resolve) for flag in ordered)
        self._visible = tuple((self._constants.get(flag.key), flag.resolve) for flag in ordered if flag.client_visible)

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
        return self._constants.get(key) or flag.resolve(self._begin(context, sticky))

    def evaluate_all(
        self, context: Context, *, client_only: bool, sticky: Mapping[str, str] = _NO_ASSIGNMENTS
    ) -> list[Outcome]:
        """Return the outcomes of all live flags, or of those visible to clients, sorted by key."""
        evaluation = self._begin(context, sticky)
        flags = self._visible if client_only else self._all
        return [constant or resolve(evaluation) for constant, resolve in flags]

    def _begin(self, context: Context, assignments: Mapping[str, str]) -> Evaluation:
        return Evaluation(context, self._resolve, self._segments, self._sealer, assignments)


def _fold(flags: Mapping[str, CompiledFlag]) -> dict[str, Outcome]:
    """Return the outcome of every flag that no context can change, prerequisites included."""
    constants: dict[str, Outcome] = {flag.key: flag.constant for flag in flags.values() if flag.constant is not None}
    seen = set(constants)
    for flag in flags.values():
        if flag.prerequisites and flag.key not in seen:
            _fold_one(flag, flags, constants, seen)
    return constants


def _fold_one(
    flag: CompiledFlag, flags: Mapping[str, CompiledFlag], constants: dict[str, Outcome], seen: set[str]
) -> None:
    """Add the flag's outcome to ``constants`` if it is one; no closure, whose cycle would keep old snapshots alive."""
    seen.add(flag.key)
    for prerequisite in flag.prerequisites:
        other = flags.get(prerequisite.flag)
        if other is not None and other.key not in seen:
            _fold_one(other, flags, constants, seen)
        known = constants.get(prerequisite.flag)
        if other is not None and known is None:
            return
        if not satisfies(known, prerequisite):
            constants[flag.key] = flag.outcomes.prerequisite_failed(prerequisite.flag)
            return
