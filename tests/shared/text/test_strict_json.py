"""Strict JSON: good documents come through, every other one is refused with the path to its fault."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.errors import Fault, InputError, LimitExceeded
from flaghoist.limits import INTEGER, JSON_DEPTH, SNAPSHOT_BODY_BYTES, WRITE_BODY_BYTES
from flaghoist.model.flags import Flag
from flaghoist.text import strict_json

JSON_TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-INTEGER.value, INTEGER.value)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda children: st.lists(children) | st.dictionaries(st.text('ab\\"[{é', max_size=3), children),
    max_leaves=20,
)


def decode(text: str | bytes) -> object:
    return strict_json.decode(text.encode() if isinstance(text, str) else text, max_bytes=WRITE_BODY_BYTES)


def fault_of(text: str | bytes) -> Fault:
    with pytest.raises(InputError) as raised:
        decode(text)
    [fault] = raised.value.faults
    return fault


@given(JSON_TREES, st.booleans())
def test_decode__any_tree__comes_through(tree: object, is_ascii: bool) -> None:
    decoded = decode(json.dumps(tree, ensure_ascii=is_ascii))
    assert json.dumps(decoded) == json.dumps(tree)


@given(st.binary() | st.text().map(str.encode))
def test_decode__any_bytes__give_a_tree_or_an_input_error(data: bytes) -> None:
    try:
        decoded = decode(data)
    except InputError:
        return
    assert json.loads(data) == decoded


TRAILING_COMMAS = [("[1,]", 3), ('{"a": 1 , }', 9), ('{"a": [1,\t]}', 9)]


@pytest.mark.parametrize(
    ("text", "path", "detail"),
    [
        ('{"a": 1, "b": {"a": 1, "a": 2}}', "$.b.a", "comes twice"),
        ('{"a b": [{"c": 1, "c": 1}]}', '$["a b"][0].c', "comes twice"),
        ('{"a": 1, "\\u0061": 2}', "$.a", "comes twice"),
        ('{"a": [1, NaN]}', "$.a[1]", "NaN is not JSON"),
        ("[Infinity]", "$[0]", "Infinity"),
        ("[-Infinity]", "$[0]", "-Infinity"),
        ("[0, 1e999]", "$[1]", "too large"),
        ("[-1E+999]", "$[0]", "too large"),
        ("[" + "9" * 400 + ".5]", "$[0]", "too large"),
        ('["a\\u0000b"]', "$[0]", "NUL"),
        ('{"a": {"\\u0000": 1}}', "$.a", "NUL"),
        ('["\\ud83d"]', "$[0]", "surrogate"),
        ('["\\udE00\\uD83D"]', "$[0]", "surrogate"),
        ('{"x": 1, "\\udfff": 1}', "$", "surrogate"),
        ("[1,]", "$", "line 1, column"),
        ('{"a": 1\n "b": 2}', "$", "line 2"),
        ('"\x01"', "$", "not JSON"),
        *((text, "$", f"a comma that nothing follows at line 1, column {column}") for text, column in TRAILING_COMMAS),
        *((text, "$", "not JSON") for text in ("", " ", "{", "01", "+1", ".5", "1.", "'a'", "nul", "[1]]", "\ufeff{}")),
        (b"\xff", "$", "not UTF-8"),
        (b'"\xed\xa0\x80"', "$", "not UTF-8"),
        (b'"\xc0\x80"', "$", "not UTF-8"),
    ],
)
def test_decode__fault__path_and_detail(text: str | bytes, path: str, detail: str) -> None:
    fault = fault_of(text)
    assert fault.path == path
    assert detail in fault.detail


@pytest.mark.parametrize("digits", ["9007199254740992", "-9007199254740992", "1" + "0" * 30, "-" + "7" * 5000])
def test_decode__integer_past_the_limit__names_limit_and_path(digits: str) -> None:
    with pytest.raises(LimitExceeded) as raised:
        decode(f'{{"a": [0, {digits}]}}')
    assert raised.value.limit is INTEGER
    assert raised.value.faults[0].path == "$.a[1]"
    assert strict_json.encode(raised.value.members())


def test_decode__emoji_as_escapes__is_one_character() -> None:
    assert decode('["\\ud83d\\ude00", "\\\\u0000", 1e100, "1234567890123456789"]') == [
        "😀",
        "\\u0000",
        1e100,
        "1234567890123456789",
    ]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[" * 33 + "]" * 33, "$" + "[0]" * 32),
        ('[1, {"a": "]]", "b\\"[": ' + "[" * 40, '$[1].b["' + "[0]" * 30),
        ('{"a":' * 33 + "1" + "}" * 33, "$" + ".a" * 32),
        ("[" * 1_000_000, "$" + "[0]" * 32),
    ],
)
def test_decode__too_deep__path_of_the_first_value_below(text: str, path: str) -> None:
    with pytest.raises(LimitExceeded) as raised:
        decode(text)
    assert raised.value.limit is JSON_DEPTH
    assert raised.value.faults[0].path == path.replace('.b["', '["b["]')


@pytest.mark.parametrize(
    "text",
    [
        '["' + "[" * 100 + '"]',
        '["\\"' + "{" * 100 + '"]',
        '["\\\\", [], "\\\\\\"' + "[" * 100 + '"]',
        "[" + "[]," * 1000 + "[]]",
    ],
)
def test_decode__brackets_in_strings_or_side_by_side__are_not_deep(text: str) -> None:
    assert decode(text) == json.loads(text)


@pytest.mark.parametrize("unit", [b"[", b'{"a":', b'"', b"\\", b"1", b"[],", b'\\"', b"\x00", b"{", b"]"])
def test_decode__64_mib_of_anything__is_an_input_error(unit: bytes) -> None:
    data = unit * (SNAPSHOT_BODY_BYTES.value // len(unit))
    with pytest.raises(InputError):
        strict_json.decode(data, max_bytes=SNAPSHOT_BODY_BYTES)


def test_decode__too_many_bytes__is_a_413() -> None:
    with pytest.raises(LimitExceeded) as raised:
        strict_json.decode(b" " * (WRITE_BODY_BYTES.value + 1), max_bytes=WRITE_BODY_BYTES)
    assert raised.value.status == 413
    assert raised.value.limit is WRITE_BODY_BYTES


def test_to_struct__wrong_type__path_starts_at_the_given_root() -> None:
    document = {"key": "a", "variations": {}, "off_variation": "x", "fallthrough": {}, "targets": [{"variation": 1}]}
    with pytest.raises(InputError) as raised:
        strict_json.to_struct(document, Flag, "$.flags[3]")
    assert raised.value.faults[0].path == "$.flags[3].targets[0].variation"


def test_to_struct__wrong_key_type__still_has_a_path() -> None:
    with pytest.raises(InputError) as raised:
        strict_json.to_struct({1: "a"}, dict[str, str], "$.x")
    assert raised.value.faults[0].path == "$.x"
