"""The layout of a plan: the place of each flag in what the lanes pick, and the way to the order of keys."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from shared.bulk.slices import CONSTANT, Section, Slice
from shared.steps import Steps

_STEP_RANKS = 2_500

_SIMPLE = 16
"""So many of the look-ups here cost about what an item of a step costs."""


class Layout(NamedTuple):
    """Where the flags of slices are.

    ``ranks`` are the flags' places in the order of keys, slice by slice; ``place_of`` leads from there to their places
    in what is picked, where that is theirs alone; ``runs`` are constant flags side by side, by their place among all
    constant ones; ``order`` leads from the order of keys to all places.
    """

    slices: Sequence[Slice]
    ranks: Sequence[Sequence[int]]
    place_of: Sequence[int]
    runs: Sequence[Sequence[int]]
    order: Sequence[int]


def layout_steps(slices: Sequence[Slice], sections: Sequence[Section], previous: Layout | None) -> Steps[Layout]:
    """Return the layout of slices; ``sections`` are those of all lanes but that of constant flags, which comes last."""
    if previous and _are_alike(slices, previous.slices) and _are_placed_alike(slices, previous.slices):
        return previous._replace(slices=slices)
    ranks = yield from _ranks_steps(slices, previous)
    place_of = [-1] * sum(map(len, ranks))
    last = -1
    for last, rank in enumerate(chain.from_iterable(_ranks_in(section, slices, ranks) for section in sections)):
        place_of[rank] = last
    yield len(place_of) // _SIMPLE
    runs = yield from _runs_steps(slices, ranks, place_of, last + 1)
    order = [place for place in place_of if place >= 0]
    yield len(place_of) // _SIMPLE
    return Layout(slices, ranks, place_of, runs, order)


def _are_alike(slices: Sequence[Slice], others: Sequence[Slice]) -> bool:
    """Return whether slices hold flags of the same keys."""
    pairs = zip(slices, others, strict=False)
    return len(slices) == len(others) and all(one is other or one.keys == other.keys for one, other in pairs)


def _are_placed_alike(slices: Sequence[Slice], others: Sequence[Slice]) -> bool:
    return all(one is other or one.places == other.places for one, other in zip(slices, others, strict=True))


def _ranks_steps(slices: Sequence[Slice], previous: Layout | None) -> Steps[Sequence[Sequence[int]]]:
    if previous and _are_alike(slices, previous.slices):
        return previous.ranks
    keys = sorted(chain.from_iterable(each.keys for each in slices))
    yield len(keys) // _SIMPLE
    rank_of = {key: rank for rank, key in enumerate(keys)}
    yield len(keys) // _SIMPLE
    ranks = [[rank_of[key] for key in each.keys] for each in slices]
    yield len(keys) // _SIMPLE
    return ranks


def _ranks_in(section: Section, slices: Sequence[Slice], ranks: Sequence[Sequence[int]]) -> list[int]:
    """Return the ranks of a section's flags, slice by slice."""
    pairs = zip(slices, ranks, strict=True)
    return [of_slice[place] for each, of_slice in pairs for place in each.places.get(section, ())]


def _runs_steps(
    slices: Sequence[Slice], ranks: Sequence[Sequence[int]], place_of: list[int], first: int
) -> Steps[list[list[int]]]:
    """Return the runs of constant flags; give each run a place, from ``first`` on, at the rank where it begins."""
    constant_at = dict(zip(_ranks_in(CONSTANT, slices, ranks), range(len(place_of)), strict=False))
    yield len(place_of) // _SIMPLE
    runs: list[list[int]] = []
    before = -2
    for number, rank in enumerate(sorted(constant_at), 1):
        if rank == before + 1:
            runs[-1].append(constant_at[rank])
        else:
            place_of[rank] = first + len(runs)
            runs.append([constant_at[rank]])
        before = rank
        if number % _STEP_RANKS == 0:
            yield _STEP_RANKS // _SIMPLE
    return runs
