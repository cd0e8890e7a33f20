"""Contexts: checking them, looking attributes up, units, and what belongs to the edge."""

import pytest

from flaghoist.errors import InputError
from flaghoist.model.context import look_up, unit
from flaghoist.model.context_checks import check_context, without_edge


@pytest.mark.parametrize(("tree", "named"), [([], "an array"), ("x", "a string"), (1, "a number"), (None, "null")])
def test_check__no_object__names_what_it_is(tree: object, named: str) -> None:
    with pytest.raises(InputError, match=named) as raised:
        check_context(tree)
    assert raised.value.faults[0].path == "$.context"


def test_check__good_context__is_returned() -> None:
    tree = {"targetingKey": "ada", "a": {"b": [1, {"c": None}]}}
    assert check_context(tree) is tree


@pytest.mark.parametrize(
    ("context", "name", "found"),
    [
        ({"a": 1}, "a", 1),
        ({"a": 1}, "b", None),
        ({"a.b": 1, "a": {"b": 2}}, "a.b", 1),
        ({"a.b": None, "a": {"b": 2}}, "a.b", None),
        ({"a": {"b": {"c": 3}}}, "a.b.c", 3),
        ({"a": {"b.c": 3}}, "a.b.c", None),
        ({"a": [{"b": 1}]}, "a.0.b", None),
        ({"a": [1]}, "a.0", None),
        ({"a": "text"}, "a.b", None),
        ({"a": {"b": None}}, "a.b", None),
        ({"a": {"b": None}}, "a.b.c", None),
        ({"a": {"": 1}}, "a.", 1),
        ({"": {"": 2}}, ".", 2),
        ({"a": False}, "a", False),
    ],
)
def test_look_up__name__literal_first_then_path(context: dict[str, object], name: str, found: object) -> None:
    assert look_up(context, name) == found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(("ada", "ada"), (" ", " "), (7, "7"), (-7, "-7"), (0, "0"), (2**53 - 1, "9007199254740991")),
        *(("", None), (8.0, None), (True, None), (False, None), (None, None), (["ada"], None), ({"a": 1}, None)),
    ],
)
def test_unit__value__is_text_or_missing(value: object, expected: str | None) -> None:
    assert unit(value) == expected


def test_without_edge__claims_of_a_client__are_gone() -> None:
    context = {"edge": {"country": "de"}, "edge.country": "de", "edge.": 1, "edgy": 2, "Edge.x": 3, "a": {"edge": 4}}
    assert without_edge(context) == {"edgy": 2, "Edge.x": 3, "a": {"edge": 4}}
