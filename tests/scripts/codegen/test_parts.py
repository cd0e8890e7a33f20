"""Names, shapes and prose of generated code, each by itself."""

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist_cli.codegen.flags import MOST_LISTED_VALUES, typed_flags
from flaghoist_cli.codegen.names import distinct, pascal, snake
from flaghoist_cli.codegen.prose import MOST_CHARACTERS, for_comment, for_docstring, one_line
from flaghoist_cli.codegen.shapes import Member, Shape, joined, shape_of
from tests.builders import a_flag, a_flagset
from tests.scripts.flags_to_type import HOSTILE, every_type

KEYS = st.text("abAB01._-", min_size=1, max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1, max_size=1), inner),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("new-checkout", "new_checkout"),
        ("search.ranking_v2", "search_ranking_v2"),
        ("newCheckout", "new_checkout"),
        ("HTTPServer", "http_server"),
        ("2fa", "flag_2fa"),
        ("class", "class_"),
        ("str", "str_"),
        ("match", "match"),
        ("__init__", "init"),
        ("-", "flag"),
        ("None", "none"),
    ],
)
def test_snake__key__is_the_name_of_a_function(key: str, name: str) -> None:
    assert snake(key) == name


@pytest.mark.parametrize(
    ("key", "name"),
    [("new-checkout", "NewCheckout"), ("2fa", "Flag2fa"), ("..", "Flag"), ("a.HTTPServer", "AHTTPServer")],
)
def test_pascal__key__is_the_name_of_a_class(key: str, name: str) -> None:
    assert pascal(key) == name


@given(st.sets(KEYS, max_size=12))
def test_distinct__any_keys__valid_names_each_once(keys: set[str]) -> None:
    names = distinct(keys, snake).of
    assert set(names) == keys
    assert len(set(names.values())) == len(keys)
    assert all(name.isidentifier() and not name.startswith("_") for name in names.values())


def test_distinct__keys_of_one_name__none_gets_it() -> None:
    names = distinct(["a-b", "a.b", "c"], snake)
    assert names.clashes == (("a-b", "a.b"),)
    assert names.of["c"] == "c"
    assert "a_b" not in names.of.values()


def test_distinct__name_made_for_another_key__is_avoided_too() -> None:
    taken = distinct(["a-b", "a.b"], snake).of["a-b"]
    names = distinct(["a-b", "a.b", taken], snake).of
    assert len(set(names.values())) == 3


def test_distinct__keys_in_another_order__get_the_same_names() -> None:
    orders = permutations(["a-b", "a.b", "a_b", "c"])
    found = {json.dumps(distinct(order, snake).of, sort_keys=True) for order in orders}
    assert len(found) == 1


def test_shape__member_that_some_lack__is_not_required() -> None:
    shape = joined([shape_of({"a": 1, "b": "x"}), shape_of({"a": 1.5})])
    assert shape.members == {
        "a": Member(Shape(frozenset({"integer", "float"}))),
        "b": Member(Shape(frozenset({"string"})), is_required=False),
    }


def test_shape__empty_array__holds_nothing_known() -> None:
    assert shape_of([]).items == Shape()
    assert joined([shape_of([]), shape_of(["a", None])]).items == Shape(frozenset({"string", "null"}))


@given(st.lists(JSON, max_size=4))
def test_joined__values_in_another_order__same_shape(values: list[object]) -> None:
    shapes = [shape_of(value) for value in values]
    assert joined(shapes) == joined(reversed(shapes)) == joined([*shapes, *shapes])


@pytest.mark.parametrize("text", HOSTILE)
def test_prose__hostile_text__stays_one_line_of_visible_characters(text: str) -> None:
    for line in (one_line(text), for_docstring(text), for_comment(text)):
        assert "\n" not in line
        assert line.isprintable()
    assert "*/" not in for_comment(text)
    assert '"""' not in for_docstring(text).replace('\\"', "")


def test_prose__long_text__is_cut() -> None:
    assert len(one_line("word " * 200)) <= MOST_CHARACTERS
    assert one_line("word " * 200).endswith("word…")


def test_typed_flags__scope__decides_which_and_archived_are_none() -> None:
    flags = every_type()
    seen = [flag.key for flag in typed_flags(flags, "client")]
    assert seen == ["home-page", "new-checkout", "page-size", "price-factor", "search-ranking"]
    assert [flag.key for flag in typed_flags(flags, "server")] == sorted([*seen, "fraud-check"])


def test_typed_flag__many_or_long_values__are_not_listed() -> None:
    many = {f"v{number}": str(number) for number in range(MOST_LISTED_VALUES + 1)}
    flags = a_flagset(
        a_flag("few").variations("a", a="b", c="a"),
        a_flag("long").variations("a", a="x" * 65, b="y"),
        a_flag("many").variations("v0", **many),
    )
    assert [flag.listed for flag in typed_flags(flags, "server")] == [("a", "b"), (), ()]


def test_typed_flag__order_of_variations__does_not_matter() -> None:
    one = a_flagset(a_flag("a").variations("x", x=2, y=1))
    other = a_flagset(a_flag("a").variations("x", y=1, x=2))
    assert typed_flags(one, "server") == typed_flags(other, "server")
