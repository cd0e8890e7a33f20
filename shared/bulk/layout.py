"""The layout of a plan: the place of each flag in what the lanes pick, and the way to the order of keys."""

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

import msgspec

from shared.bulk.slices import Section, Slice
from shared.steps import Steps

_SIMPLE = 8
"""So many of the look-ups here cost about what an item of a step costs."""


class Ranks(msgspec.Struct, frozen=True, eq=False):
    """The places of a slice's flags in the order of keys, all of them and section by section."""

    all: Sequence[int]
    by_section: Mapping[Section, Sequence[int]]


class Runs(msgspec.Struct, frozen=True, eq=False):
    """Constant flags that stand side by side: the ranks of all constant flags, and where in these the runs end."""

    ranks: Sequence[int]
    ends: Sequence[int]


class Layout(msgspec.Struct, frozen=True, eq=False):
    """Where the flags of slices are.

    ``place_of`` leads from the order of keys to the places in what is picked, where a flag has one of its own or begins
    a run; ``order`` are these places in the order of keys.
    """

    slices: Sequence[Slice]
    ranks: Sequence[Ranks]
    place_of: Sequence[int]
    runs: Runs
    order: Sequence[int]


def layout_steps(slices: Sequence[Slice], sections: Sequence[Section], previous: Layout | None) -> Steps[Layout]:
    """Return the layout of slices; ``sections`` are those of all lanes but that of constant flags, which comes last."""
    ranks = _known_ranks(slices, previous) if previous else None
    if previous and ranks and _are_placed_alike(slices, previous.slices):
        return msgspec.structs.replace(previous, slices=slices)
    if ranks is None:
        ranks = yield from _ranks_steps(slices)
    place_of = [-1] * sum(len(each.keys) for each in slices)
    first = 0
    for section in sections:
        ranks_in = list(chain.from_iterable(each.by_section.get(section, ()) for each in ranks))
        for place, rank in enumerate(ranks_in, first):
            place_of[rank] = place
        first += len(ranks_in)
    yield len(place_of) // _SIMPLE
    runs = yield from _runs_steps(place_of, first)
    order = [place for place in place_of if place >= 0]
    yield len(place_of) // _SIMPLE
    return Layout(slices, ranks, place_of, runs, order)


def _known_ranks(slices: Sequence[Slice], previous: Layout) -> list[Ranks] | None:
    """Return ranks taken over from another layout, None unless its slices hold flags of the same keys."""
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
    yield len(keys) // _SIMPLE
    rank_of = dict(zip(keys, range(len(keys)), strict=True))
    yield len(keys) // _SIMPLE
    ranks = [_ranks(each, [rank_of[key] for key in each.keys]) for each in slices]
    yield len(keys) // _SIMPLE
    return ranks


def _ranks(each: Slice, ranks: Sequence[int]) -> Ranks:
    by_section = {section: [ranks[place] for place in places] for section, places in each.places.items()}
    return Ranks(ranks, by_section)


def _runs_steps(place_of: list[int], first: int) -> Steps[Runs]:
    """Return the runs of flags without a place; give each run one, from ``first`` on, at the rank where it begins."""
    ranks = [rank for rank, place in enumerate(place_of) if place < 0]
    ends = [number for number, (one, other) in enumerate(pairwise(ranks), 1) if other - one > 1]
    yield len(place_of) // _SIMPLE
    for place, begin in enumerate([0, *ends] if ranks else (), first):
        place_of[ranks[begin]] = place
    return Runs(ranks, [*ends, len(ranks)])
