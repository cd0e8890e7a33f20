"""Random valid flags, as documents."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise, permutations
from typing import Any

from hypothesis import strategies as st

from tests.strategies import pools
from tests.strategies.clauses import clause_lists

Document = dict[str, Any]

FULL = 100_000

_VALUES = st.sampled_from(
    (
        ("boolean", (True, False, True)),
        ("string", ("", "text", "</script>\u2028")),
        ("integer", (0, 1, -9007199254740991)),
        ("float", (1, 0.5, -2.0)),
        ("object", ({}, {"a": [1, None, {"b": True}]}, {"a": {}})),
    )
)
_SALTS = st.sampled_from(pools.SALTS)
_OWN_SALTS = st.sampled_from(("", "", *pools.SALTS))
_IS_ON = st.sampled_from((True,) * 9 + (False,))
_IS_ARCHIVED = st.sampled_from((False,) * 11 + (True,))
_BY = st.sampled_from(("targetingKey", "org", "targetingKey", "targetingKey", "user.id", "targetingKey", "nowhere"))
_ALGORITHMS = st.sampled_from(pools.ALGORITHMS)
_RULE_COUNTS = st.sampled_from((1, 2, 0, 3))
_UNITS = st.lists(st.sampled_from(pools.UNITS), min_size=1, max_size=4, unique_by=str)


@dataclass(frozen=True)
class Neighbours:
    """What a flag may name: flags to require, with their variations, and segments."""

    requirable: tuple[tuple[str, tuple[str, ...]], ...]
    segments: tuple[str, ...]


@cache
@st.composite
def flags(draw: st.DrawFn, key: str, names: tuple[str, ...], neighbours: Neighbours) -> Document:
    """Draw a flag named ``key`` with these variations, without a group."""
    kind, values = draw(_VALUES)
    salt = draw(_SALTS)
    flag: Document = {
        "type": kind,
        "variations": dict(zip(names, values, strict=False)),
        "off_variation": draw(st.sampled_from(names)),
        "salt": salt,
        "on": draw(_IS_ON),
        "archived": draw(_IS_ARCHIVED),
        "sticky": draw(st.booleans()),
        "client_visible": draw(st.booleans()),
        "fallthrough": draw(_serves(key, salt, names)),
    }
    has_prerequisites: bool = draw(st.booleans())
    if neighbours.requirable and has_prerequisites:
        flag["prerequisites"] = draw(_prerequisites(neighbours.requirable))
    if draw(st.booleans()):
        flag["targets"] = draw(_targets(names))
    if count := draw(_RULE_COUNTS):
        serve, clauses = _serves(key, salt, names), clause_lists(neighbours.segments)
        flag["rules"] = [{"id": f"r{n}", "clauses": draw(clauses), "serve": draw(serve)} for n in range(count)]
    return flag


@cache
def _prerequisites(requirable: tuple[tuple[str, tuple[str, ...]], ...]) -> st.SearchStrategy[list[Document]]:
    pairs = [{"flag": key, "variations": [name]} for key, names in requirable for name in names]
    whole = [{"flag": key, "variations": list(names)} for key, names in requirable]
    return st.lists(st.sampled_from((*pairs, *whole)), min_size=1, max_size=2)


@cache
@st.composite
def _targets(draw: st.DrawFn, names: tuple[str, ...]) -> list[Document]:
    """Draw one or two target lists that share no unit."""
    units = draw(_UNITS)
    lists = (units[:2], units[2:])
    return [{"variation": name, "keys": keys} for name, keys in zip(names, lists, strict=False)]


@cache
def _serves(key: str, salt: str, names: tuple[str, ...]) -> st.SearchStrategy[Document]:
    single = st.sampled_from([{"variation": name} for name in names])
    return st.one_of(single, _rollouts(key, salt, names))


@st.composite
def _rollouts(draw: st.DrawFn, key: str, salt: str, names: tuple[str, ...]) -> Document:
    own_salt = draw(_OWN_SALTS)
    algorithm = draw(_ALGORITHMS)
    cut = st.sampled_from(pools.CUTS[algorithm, own_salt or salt, key])
    bounds = [0, *sorted(draw(cut) for _ in names[1:]), FULL]
    order = draw(st.sampled_from(list(permutations(names))))
    weights = [
        {"variation": name, "weight": end - start} for name, (start, end) in zip(order, pairwise(bounds), strict=True)
    ]
    return {"rollout": {"by": draw(_BY), "salt": own_salt, "algorithm": algorithm, "weights": weights}}
