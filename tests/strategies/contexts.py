"""Random contexts: mostly of the right types, sometimes wrong, null, arrays, objects, dotted keys; and assignments."""

from typing import Any

from hypothesis import strategies as st

from tests.strategies import pools

_MISSING = object()
_ODD: tuple[Any, ...] = (None, [], {}, [None], [["pro"]], {"0": "pro"}, True, "pro", 1, 1.5, "1")


def _mostly(*values: Any) -> st.SearchStrategy[Any]:
    """Draw one of the values, or, less often, an array of some of them, something odd, or nothing."""
    arrays = [[left, right] for left, right in zip(values, (*values[3:], *_ODD), strict=False)]
    return st.sampled_from((*values, _MISSING, *values, *arrays, *values, *_ODD, _MISSING, _MISSING))


_TEXT = _mostly(*pools.TEXTS)
_NUMBER = _mostly(*pools.NUMBERS)
_VERSION = _mostly(*pools.VERSIONS, *pools.NO_VERSIONS)
_UNIT = st.sampled_from((*pools.UNITS * 3, *pools.NO_UNITS, _MISSING, _MISSING))
_SOMETIMES_TEXT = st.sampled_from((*(_MISSING,) * 24, *pools.TEXTS, None))
_SOMETIMES_UNIT = st.sampled_from((*(_MISSING,) * 16, *pools.UNITS, None))
_SOMETIMES_VERSION = st.sampled_from((*(_MISSING,) * 20, *pools.VERSIONS, None))

_ATTRIBUTES: dict[str, st.SearchStrategy[Any]] = {
    "targetingKey": st.sampled_from((*pools.UNITS * 4, *pools.NO_UNITS, 42.0, 42.0, 42, 42, *(_MISSING,) * 3)),
    "plan": _TEXT,
    "country": _TEXT,
    "org": _UNIT,
    "age": _mostly(*pools.NUMBERS, *pools.ALIKE),
    "since": _mostly(*pools.INSTANTS, *pools.NO_INSTANTS),
    "ip": _mostly(*pools.ADDRESSES, *pools.NO_ADDRESSES),
    "app": _VERSION.map(lambda drawn: {"version": drawn}),
    "app.version": _SOMETIMES_VERSION,
    "user": st.tuples(_TEXT, _NUMBER, _UNIT).map(lambda drawn: dict(zip(("role", "score", "id"), drawn, strict=True))),
    "user.id": _SOMETIMES_UNIT,
    "edge.country": _SOMETIMES_TEXT,
    "edge": _TEXT.map(lambda drawn: [{"country": "de"}] if drawn is _MISSING else {"country": drawn}),
}
_NAMES = tuple(_ATTRIBUTES)


def contexts() -> st.SearchStrategy[dict[str, Any]]:
    """Draw a context, usually with a targeting key."""
    return st.tuples(*_ATTRIBUTES.values()).map(lambda drawn: _present(dict(zip(_NAMES, drawn, strict=True))))


def assignments() -> st.SearchStrategy[dict[str, str]]:
    """Draw verified sticky assignments, some of them to variations that are gone."""
    variation = st.sampled_from((*pools.VARIATIONS, "gone"))
    return st.dictionaries(st.sampled_from(pools.FLAG_KEYS), variation, max_size=4)


def _present(members: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is missing, in nested objects too."""
    kept = {name: value for name, value in members.items() if value is not _MISSING}
    return {name: _present(value) if isinstance(value, dict) else value for name, value in kept.items()}
