"""The layout of a plan: the place of each flag's fragment in an answer, which is ordered by key.

Neighbouring constant flags share one place.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

from flaghoist.bulk.slices import CONSTANT, Section, Slice
from flaghoist.steps import Steps

_SIMPLE = 8
"""This many of the look-ups here cost about as much as an item of a step."""


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
    yield len(is_constant) // _SIMPLE
    begins = (not (one and other) for one, other in pairwise(b"\0" + is_constant))
    place_of = list(accumulate(begins, initial=-1))[1:]
    yield len(is_constant) // _SIMPLE
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
    yield len(keys) // _SIMPLE
    rank_of = dict(zip(keys, range(len(keys)), strict=True))
    yield len(keys) // _SIMPLE
    ranks = [_ranks(each, [rank_of[key] for key in each.keys]) for each in slices]
    yield len(keys) // _SIMPLE
    return ranks


def _ranks(each: Slice, ranks: Sequence[int]) -> Ranks:
    by_section = {section: [ranks[place] for place in places] for section, places in each.places.items()}
    return Ranks(ranks, by_section)
