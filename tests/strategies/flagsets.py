"""Random valid flag sets, as documents: acyclic prerequisites, nested segments, groups with disjoint ranges."""

from itertools import pairwise

from hypothesis import strategies as st

from tests.strategies import pools
from tests.strategies.clauses import clause_lists
from tests.strategies.flags import Document, Neighbours, flags

FULL = 100_000

_NAMES = st.sampled_from(tuple(pools.VARIATIONS[:size] for size in (2, 3, 1)))
_SALTS = st.sampled_from(pools.SALTS)
_UNIT_LISTS = st.lists(st.sampled_from(pools.UNITS), max_size=3)
_SOME_FLAGS = st.sampled_from(tuple(pools.FLAG_KEYS[:size] for size in (2, 3, 4, 5, 6, 1)))
_SOME_SEGMENTS = st.sampled_from(tuple(pools.SEGMENT_KEYS[:size] for size in (1, 2, 3, 0)))
_SOME_GROUPS = st.sampled_from(tuple(pools.GROUP_KEYS[:size] for size in (0, 1, 2)))
_CLAIMS = st.sampled_from((True, True, False))


@st.composite
def flagsets(draw: st.DrawFn) -> Document:
    """Draw a flag set of one to six flags; a flag may require later ones, a segment may use later ones."""
    segment_keys = draw(_SOME_SEGMENTS)
    named = {key: draw(_NAMES) for key in draw(_SOME_FLAGS)}
    groups = {key: {"salt": draw(_SALTS)} for key in draw(_SOME_GROUPS)}
    drawn = {key: draw(flags(key, names, _after(key, named, segment_keys))) for key, names in named.items()}
    for key, group in groups.items():
        draw(_claims(key, group["salt"], drawn))
    segments = {key: draw(_segments(segment_keys[place + 1 :])) for place, key in enumerate(segment_keys)}
    return {"flags": drawn, "segments": segments, "groups": groups}


def _after(key: str, named: dict[str, tuple[str, ...]], segments: tuple[str, ...]) -> Neighbours:
    keys = list(named)
    return Neighbours(tuple((later, named[later]) for later in keys[keys.index(key) + 1 :]), segments)


@st.composite
def _segments(draw: st.DrawFn, usable: tuple[str, ...]) -> Document:
    rules = draw(st.lists(clause_lists(usable), max_size=2))
    return {"included": draw(_UNIT_LISTS), "excluded": draw(_UNIT_LISTS), "rules": rules}


@st.composite
def _claims(draw: st.DrawFn, group: str, salt: str, drawn: dict[str, Document]) -> None:
    """Give some flags ranges of the group, side by side; an archived flag releases its range, so it may claim all."""
    cut = st.sampled_from(pools.CUTS["sha256", salt, group])
    free = [[low, high] for low, high in pairwise(sorted({0, FULL, draw(cut), draw(cut)}))]
    for flag in drawn.values():
        if free and "group" not in flag and draw(_CLAIMS):
            flag["group"] = {"key": group, "range": [0, FULL] if flag["archived"] else free.pop()}
