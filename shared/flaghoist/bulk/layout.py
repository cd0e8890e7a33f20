"""Where flags are in bulk: in slices, which sort them by the lane that decides them, and in the layout of an answer.

A slice holds the flags of one shard and scope with the columns that lanes computed for them. A change replaces shards.
All other slices, and the columns that lanes and views computed from them, are shared by the plans of successive
snapshots. A layout gives each flag's fragment its place in an answer, which is ordered by key. Neighbouring constant
flags share one place.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple, Protocol, TypeVar

from flaghoist.bulk.targets import TargetIndex
from flaghoist.model.flags import TARGETING_KEY
from flaghoist.rules.evaluation import Evaluation
from flaghoist.rules.serves import targets_of
from flaghoist.rules.views import View
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

NO_RULE = MOST_RULES
"""The code of a flag without a matching rule; other codes are the number of the first rule that matches."""

Put = Callable[[Evaluation, list[bytes]], None]
"""Replaces the fragments of a lane's flags that differ for a context."""

SIMPLE = 8
"""This many look-ups or assignments cost about as much as an item of a step."""


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
                    self.targets.add_target(run, place, outcome)

    def of(self, section: Section) -> list[WireFlag]:
        """Return the flags of a section, in their order."""
        flags = self.flags
        return [flags[place] for place in self.places.get(section, ())]

    def column(self, section: Section, name: str) -> object:
        """Return the column of a section that is cached under the name, if any."""
        return self._columns.get((section, name))

    def keep_column(self, section: Section, name: str, column: object) -> None:
        """Cache a column under a name, which stands for one way to compute it."""
        self._columns[section, name] = column


def columns_steps(
    slices: Sequence[Slice], section: Section, name: str, make: Callable[[Sequence[WireFlag]], T]
) -> Steps[list[T]]:
    """Return the column of a section for each slice; ``make`` computes those that are not cached under the name."""
    found: list[T] = []
    for each in slices:
        column: Any = each.column(section, name)
        if column is None:
            flags = each.of(section)
            column = make(flags)
            each.keep_column(section, name, column)
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


class Ranks(NamedTuple):
    """The places of a slice's flags in key order, overall and by section."""

    all: Sequence[int]
    by_section: Mapping[Section, Sequence[int]]


class Layout(NamedTuple):
    """Where the flags of slices are: ``place_of`` maps the key order to the ``size`` places of an answer."""

    slices: Sequence[Slice]
    ranks: Sequence[Ranks]
    place_of: Sequence[int]
    size: int

    def places(self, section: Section) -> list[int]:
        """Return the places of all flags of a section, slice by slice."""
        place_of = self.place_of
        return [place_of[rank] for ranks in self.ranks for rank in ranks.by_section.get(section, ())]


def layout_steps(slices: Sequence[Slice], previous: Layout | None) -> Steps[Layout]:
    """Return the layout of slices; results of ``previous`` for the same keys are reused."""
    ranks = _known_ranks(slices, previous) if previous else None
    if previous and ranks and _are_placed_alike(slices, previous.slices):
        return previous._replace(slices=slices)
    if ranks is None:
        ranks = yield from _ranks_steps(slices)
    is_constant = bytearray(sum(len(each.keys) for each in slices))
    for rank in chain.from_iterable(each.by_section.get(CONSTANT, ()) for each in ranks):
        is_constant[rank] = 1
    yield len(is_constant) // SIMPLE
    begins = (not (one and other) for one, other in pairwise(b"\0" + is_constant))
    place_of = list(accumulate(begins, initial=-1))[1:]
    yield len(is_constant) // SIMPLE
    return Layout(slices, ranks, place_of, place_of[-1] + 1 if place_of else 0)


def _known_ranks(slices: Sequence[Slice], previous: Layout) -> list[Ranks] | None:
    """Return ranks from another layout, None unless its slices hold the same keys."""
    if len(slices) != len(previous.slices):
        return None
    known: list[Ranks] = []
    for each, other, ranks in zip(slices, previous.slices, previous.ranks, strict=True):
        if each.keys != other.keys:
            return None
        known.append(ranks if each is other else _ranks(each, ranks.all))
    return known


def _are_placed_alike(slices: Sequence[Slice], others: Sequence[Slice]) -> bool:
    return all(one is other or one.places == other.places for one, other in zip(slices, others, strict=True))


def _ranks_steps(slices: Sequence[Slice]) -> Steps[list[Ranks]]:
    keys = sorted(chain.from_iterable(each.keys for each in slices))
    yield len(keys) // SIMPLE
    rank_of = dict(zip(keys, range(len(keys)), strict=True))
    yield len(keys) // SIMPLE
    ranks = [_ranks(each, [rank_of[key] for key in each.keys]) for each in slices]
    yield len(keys) // SIMPLE
    return ranks


def _ranks(each: Slice, ranks: Sequence[int]) -> Ranks:
    by_section = {section: [ranks[place] for place in places] for section, places in each.places.items()}
    return Ranks(ranks, by_section)


class Lane(Protocol):
    """Flags that are decided in the same way."""

    def laid_out(self, layout: Layout, view: View, ready: list[bytes]) -> Steps[Put | None]:
        """Write the template fragments of the view; return the function that changes them for a context, if any."""


def column_steps(layout: Layout, section: Section, name: str, make: Callable[[WireFlag], T]) -> Steps[list[T]]:
    """Return ``make`` of all flags of a section, reusing results from an older layout that held the same flags."""
    found = yield from columns_steps(layout.slices, section, name, lambda flags: [make(flag) for flag in flags])
    return list(chain.from_iterable(found))


def make_ready(ready: list[bytes], places: Sequence[int], fragments: Sequence[bytes]) -> None:
    """Write fragments into their places."""
    for place, fragment in zip(places, fragments, strict=True):
        ready[place] = fragment
