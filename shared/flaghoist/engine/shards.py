"""The flags of one shard with the results that engines share, and the flags of one engine."""

from collections.abc import Sequence

from flaghoist.bulk.layout import CONSTANT, OTHER, RULED, Section, Slice, section_of
from flaghoist.model.outcome import Outcome
from flaghoist.rules.clauses import is_sound
from flaghoist.rules.evaluation import Resolve
from flaghoist.rules.flags import CompiledFlag, always
from flaghoist.rules.serves import DRAWS
from flaghoist.snapshot.wire import WireFlag, WireServe


class FlagShard:
    """Flags by key, those that depend on others, and those that are compiled."""

    __slots__ = ("_sections", "_slices", "compiled", "dependents", "flags")

    def __init__(self, flags: Sequence[WireFlag]) -> None:
        """Check the flags and compile those that need it: a flag that cannot be evaluated raises here, never later."""
        self.flags = {flag.key: flag for flag in flags}
        if len(self.flags) != len(flags):
            raise ValueError("a flag is there twice")
        self.dependents = [flag for flag in flags if flag.prerequisites]
        self._sections = [section_of(flag) for flag in flags]
        sorted_in = zip(flags, self._sections, strict=True)
        self.compiled = {flag.key: CompiledFlag(flag) for flag, section in sorted_in if _needs_compiling(flag, section)}
        self._slices: dict[bool, Slice] = {}

    def slice_of(self, client_only: bool) -> Slice:
        """Return the slice of all flags, or of those visible to clients."""
        found = self._slices.get(client_only)
        if found is None:
            found = self._slices[client_only] = self._make(client_only)
        return found

    def _make(self, client_only: bool) -> Slice:
        flags, sections = list(self.flags.values()), self._sections
        if not client_only:
            return Slice(flags, sections)
        visible = [place for place, flag in enumerate(flags) if flag.client_visible]
        if len(visible) == len(flags):
            return self.slice_of(False)
        return Slice([flags[place] for place in visible], [sections[place] for place in visible])


class CompiledFlags:
    """The flags of an engine by key, each compiled when first needed.

    ``folded`` are the outcomes of flags that their prerequisites make constant.
    """

    def __init__(self, shards: Sequence[FlagShard], previous: "CompiledFlags | None" = None) -> None:
        self.wire = _by_key(shards, previous)
        self.folded: dict[str, Outcome] = {}
        self.shards = shards
        self._compiled: dict[str, CompiledFlag] = {}
        for shard in shards:
            self._compiled.update(shard.compiled)

    def get(self, key: str) -> CompiledFlag | None:
        """Return the flag of this key, if any."""
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
    """Return the flags of shards by key; copying and changing those of another engine is faster than starting anew."""
    known = set(previous.shards) if previous else set()
    flags = previous.wire.copy() if previous else {}
    for key in [key for shard in known.difference(shards) for key in shard.flags]:
        del flags[key]
    for shard in shards:
        if shard not in known:
            flags.update(shard.flags)
    return flags


def _needs_compiling(flag: WireFlag, section: Section) -> bool:
    """Return whether the flag must be compiled at load time; raise if it serves a variation that does not exist."""
    highest = flag.constant if section is CONSTANT else _highest(flag)
    if highest >= min(len(flag.names), len(flag.values)):
        raise IndexError(f"there is no variation {highest}")
    return section is OTHER or (section is RULED and not all(is_sound(rule.clauses) for rule in flag.rules))


def _highest(flag: WireFlag) -> int:
    """Return the highest variation that the flag may serve."""
    found = max(flag.off, _highest_of(flag.fallthrough))
    for target in flag.targets:
        found = max(found, target.variation)
    for rule in flag.rules:
        found = max(found, _highest_of(rule.serve))
    return found


def _highest_of(serve: WireServe) -> int:
    if serve.variation >= 0:
        return serve.variation
    if serve.variation not in DRAWS:
        raise ValueError(f"there is no way to draw of number {serve.variation}")
    if len(serve.bounds) != len(serve.choices):
        raise ValueError("a draw has as many bounds as choices")
    return max(serve.choices)
