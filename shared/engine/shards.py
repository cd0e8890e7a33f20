"""The flags of one shard, with all that engines share which hold it, and the flags of one engine."""

from collections.abc import Sequence

from shared.bulk.slices import Slice, is_usual
from shared.engine.clauses import is_sound
from shared.engine.evaluation import Resolve
from shared.engine.flags import CompiledFlag, always
from shared.engine.outcome import Outcome
from shared.engine.serves import DRAWS
from shared.snapshot.wire import NOT_CONSTANT, WireFlag, WireServe


class FlagShard:
    """Flags by key, those that depend on others, and those that are compiled already."""

    __slots__ = ("_slices", "compiled", "dependents", "flags")

    def __init__(self, flags: Sequence[WireFlag]) -> None:
        """Check the flags and compile those that need it: what cannot be evaluated raises here and never later."""
        self.flags = {flag.key: flag for flag in flags}
        self.dependents = [flag for flag in flags if flag.prerequisites]
        self.compiled = {flag.key: CompiledFlag(flag) for flag in flags if _needs_compiling(flag)}
        self._slices: dict[bool, Slice] = {}

    def slice_of(self, client_only: bool) -> Slice:
        """Return the slice of all flags, or of those visible to clients."""
        found = self._slices.get(client_only)
        if found is None:
            found = self._slices[client_only] = self._make(client_only)
        return found

    def _make(self, client_only: bool) -> Slice:
        flags = list(self.flags.values())
        if not client_only:
            return Slice(flags)
        visible = [flag for flag in flags if flag.client_visible]
        return self.slice_of(False) if len(visible) == len(flags) else Slice(visible)


class CompiledFlags:
    """The flags of an engine by key, each compiled when it is first needed.

    ``folded`` are the outcomes of those that others made constant.
    """

    def __init__(self, shards: Sequence[FlagShard], previous: "CompiledFlags | None" = None) -> None:
        self.wire = _by_key(shards, previous)
        self.folded: dict[str, Outcome] = {}
        self.shards = shards
        self._compiled: dict[str, CompiledFlag] = {}
        for shard in shards:
            self._compiled.update(shard.compiled)

    def get(self, key: str) -> CompiledFlag | None:
        """Return the flag of this key, if there is one."""
        flag = self.wire.get(key)
        return None if flag is None else self.compiled(flag)

    def compiled(self, flag: WireFlag) -> CompiledFlag:
        """Return a flag, compiled."""
        found = self._compiled.get(flag.key)
        if found is None:
            found = self._compiled[flag.key] = CompiledFlag(flag)
        return found

    def resolve(self, flag: WireFlag) -> Resolve:
        """Return the evaluation of a flag."""
        folded = self.folded.get(flag.key)
        return always(folded) if folded else self.compiled(flag).resolve


def _by_key(shards: Sequence[FlagShard], previous: CompiledFlags | None) -> dict[str, WireFlag]:
    """Return the flags of shards by key; those of another engine are copied and changed, which is quicker."""
    known = set(previous.shards) if previous else set()
    flags = previous.wire.copy() if previous else {}
    for key in [key for shard in known.difference(shards) for key in shard.flags]:
        del flags[key]
    for shard in shards:
        if shard not in known:
            flags.update(shard.flags)
    return flags


def _needs_compiling(flag: WireFlag) -> bool:
    """Return whether compiling the flag may fail or is needed anyway; raise when it serves what is not there."""
    variations = min(len(flag.names), len(flag.values))
    if flag.constant != NOT_CONSTANT:
        _check(flag.constant, variations)
        return False
    _check(max(flag.off, _highest(flag.fallthrough)), variations)
    for target in flag.targets:
        _check(target.variation, variations)
    for rule in flag.rules:
        _check(_highest(rule.serve), variations)
    return not is_usual(flag) or not all(is_sound(rule.clauses) for rule in flag.rules)


def _highest(serve: WireServe) -> int:
    if serve.variation >= 0:
        return serve.variation
    if serve.variation not in DRAWS:
        raise ValueError(f"there is no way to draw of number {serve.variation}")
    if len(serve.bounds) != len(serve.choices):
        raise ValueError("a draw has as many bounds as choices")
    return max(serve.choices)


def _check(variation: int, variations: int) -> None:
    if variation >= variations:
        raise IndexError(f"there is no variation {variation}")
