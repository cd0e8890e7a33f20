"""A slice: the flags of one shard and scope, sorted by lane, with the columns that lanes computed for them.

A change replaces shards. All other slices, and the columns that lanes and views computed from them, are shared by the
plans of successive snapshots.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flaghoist.bulk.targets import TargetIndex
from flaghoist.model.flags import TARGETING_KEY
from flaghoist.rules.serves import targets_of
from flaghoist.snapshot.wire import A_MIXED_ROLLOUT, NOT_CONSTANT, WireFlag, WireServe
from flaghoist.steps import Steps

T = TypeVar("T")

Section = tuple[str, str]
"""Flags that are decided in the same way: the name of their lane, and the attribute by which they draw."""

CONSTANT: Section = ("constant", "")
FIXED: Section = ("fixed", "")
RULED: Section = ("ruled", "")
OTHER: Section = ("other", "")
DRAWN, MIXED = "drawn", "mixed"

MOST_RULES = 8
"""The rules of one flag fit into the bits of one byte."""


class Slice:
    """Flags, the places of the flags of each section, and the cached columns."""

    __slots__ = ("_columns", "flags", "keys", "places", "targets")

    def __init__(self, flags: Sequence[WireFlag], sections: Sequence[Section]) -> None:
        """Take flags and the section of each; see `section_of`."""
        self.flags = flags
        self.keys = [flag.key for flag in flags]
        self.places: dict[Section, list[int]] = {}
        self.targets = TargetIndex()
        self._columns: dict[tuple[Section, str], object] = {}
        for place, (flag, section) in enumerate(zip(flags, sections, strict=True)):
            self.places.setdefault(section, []).append(place)
            if flag.targets and section is not OTHER:
                for run, outcome in targets_of(flag):
                    self.targets.add(run, place, outcome)

    def of(self, section: Section) -> list[WireFlag]:
        """Return the flags of a section, in their order."""
        flags = self.flags
        return [flags[place] for place in self.places.get(section, ())]

    def column(self, section: Section, name: str) -> object:
        """Return the column of a section that is cached under the name, if any."""
        return self._columns.get((section, name))

    def keep(self, section: Section, name: str, column: object) -> None:
        """Cache a column under a name, which stands for one way to compute it."""
        self._columns[section, name] = column


def columns(
    slices: Sequence[Slice], section: Section, name: str, make: Callable[[Sequence[WireFlag]], T]
) -> Steps[list[T]]:
    """Return the column of a section for each slice; ``make`` computes those that are not cached under the name."""
    found: list[T] = []
    for each in slices:
        column: Any = each.column(section, name)
        if column is None:
            flags = each.of(section)
            column = make(flags)
            each.keep(section, name, column)
            yield len(flags)
        found.append(column)
    return found


def section_of(flag: WireFlag) -> Section:
    """Return the section of a flag."""
    if flag.constant != NOT_CONSTANT:
        return CONSTANT
    if not _is_usual(flag):
        return OTHER
    if flag.rules:
        return RULED
    serve = flag.fallthrough
    if serve.variation >= 0:
        return FIXED
    return (MIXED if serve.variation == A_MIXED_ROLLOUT else DRAWN, serve.by)


def _is_usual(flag: WireFlag) -> bool:
    """Return whether all flags like this one can be answered together.

    They have targets, then rules, then a fallthrough; no prerequisites, no group, few rules that draw by targeting key.
    """
    if flag.prerequisites or flag.claim or len(flag.rules) > MOST_RULES:
        return False
    return not flag.rules or (_is_simple(flag.fallthrough) and all(_is_simple(rule.serve) for rule in flag.rules))


def _is_simple(serve: WireServe) -> bool:
    return serve.variation >= 0 or serve.by == TARGETING_KEY
