"""Random clauses of every operator."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.strategies import pools

_SEMVER = ("semver_eq", "semver_lt", "semver_lte", "semver_gt", "semver_gte")

# Operator, the attributes that usually suit it, the values that a clause of it may hold.
_SHAPES: tuple[tuple[str, tuple[str, ...], tuple[Any, ...]], ...] = (
    ("in", pools.TEXT_ATTRIBUTES, pools.TEXTS),
    ("in", pools.NUMBER_ATTRIBUTES, pools.NUMBERS),
    ("in", pools.UNIT_ATTRIBUTES, (*pools.UNITS, 42.0, 8, "", True, False)),
    ("in", ("targetingKey",), (*pools.UNITS, 42.0, 42, 42.0, "", True)),
    ("in", ("age", "plan"), pools.ALIKE),
    ("in", pools.ATTRIBUTES, pools.ANYTHING),
    *((op, pools.TEXT_ATTRIBUTES, pools.TEXTS) for op in ("contains", "starts_with", "ends_with")),
    ("matches", pools.TEXT_ATTRIBUTES, pools.PATTERNS),
    *((op, pools.NUMBER_ATTRIBUTES, pools.NUMBERS) for op in ("lt", "lte", "gt", "gte")),
    *((op, ("since",), pools.INSTANTS) for op in ("before", "after")),
    *((op, ("app.version",), pools.VERSIONS) for op in _SEMVER),
    ("cidr", ("ip",), pools.NETWORKS),
    ("exists", pools.ATTRIBUTES, ()),
)


_SHAPE = st.sampled_from(_SHAPES)
_NEGATE = st.sampled_from((False, False, True))
_IS_ABOUT_SEGMENT = st.sampled_from((False, False, False, True))
_EXISTS = st.sampled_from(([True], [False]))


@st.composite
def clauses(draw: st.DrawFn, segments: tuple[str, ...]) -> dict[str, Any]:
    """Draw a clause; ``segments`` are the keys that ``in_segment`` may name."""
    negate, is_about_segment = draw(_NEGATE), draw(_IS_ABOUT_SEGMENT)
    if segments and is_about_segment:
        return {"op": "in_segment", "values": draw(_some(segments)), "negate": negate}
    op, suiting, values = draw(_SHAPE)
    attribute = draw(st.sampled_from(suiting))
    return {"attribute": attribute, "op": op, "values": draw(_some(values) if values else _EXISTS), "negate": negate}


@cache
def clause_lists(segments: tuple[str, ...]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Draw the clauses of a rule; sometimes none, which matches everyone."""
    clause = clauses(segments)
    one = clause.map(lambda each: [each])
    return st.one_of(one, one, st.lists(clause, max_size=2))


@cache
def _some(values: tuple[Any, ...]) -> st.SearchStrategy[list[Any]]:
    value = st.sampled_from(values)
    return st.one_of(value.map(lambda each: [each]), st.lists(value, min_size=2, max_size=3))
