"""Reading documents: types inferred and enforced, normal form, snapshots."""

import json

import msgspec
import pytest

from flaghoist.errors import InputError
from flaghoist.model.flags import FlagSet
from flaghoist.validation import prepare_flag, prepare_group, prepare_segment, read_snapshot, validate
from tests.builders import a_clause, a_flag, a_flagset, a_group, a_rollout, a_segment
from tests.shared.validation.documents import a_document, faults_of, the_fault_of


def valued(*values: object, **members: object) -> dict[str, object]:
    names = [f"v{index}" for index in range(len(values))]
    variations = dict(zip(names, values, strict=True))
    return a_document(variations=variations, off_variation="v0", fallthrough={"variation": "v0"}, **members)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([True, False], "boolean"),
        (["a", ""], "string"),
        ([1, 0, -7], "integer"),
        ([1.5, 2.0], "float"),
        ([1, 2.5], "float"),
        ([{}, {"a": [1, None]}], "object"),
    ],
)
def test_prepare_flag__no_type__is_inferred(values: list[object], kind: str) -> None:
    assert prepare_flag(valued(*values)).type == kind


@pytest.mark.parametrize("declared", [None, "float"])
def test_prepare_flag__integers_in_a_float_flag__become_floats(declared: str | None) -> None:
    flag = prepare_flag(valued(1, 2.5, **({"type": declared} if declared else {})))
    assert json.dumps(flag.variations) == '{"v0": 1.0, "v1": 2.5}'


def test_prepare_flag__all_integers_declared_float__become_floats() -> None:
    assert json.dumps(prepare_flag(valued(1, type="float")).variations) == '{"v0": 1.0}'


def test_prepare_flag__numbers_in_an_object__stay_as_written() -> None:
    assert json.dumps(prepare_flag(valued({"a": [1, 1.0, 2**53 - 1]})).variations["v0"]) == (
        '{"a": [1, 1.0, 9007199254740991]}'
    )


@pytest.mark.parametrize(
    ("values", "members", "path", "detail"),
    [
        ([True, "a"], {}, "$.variations", "(boolean, string)"),
        ([1, "a", {}], {}, "$.variations", "(integer, object, string)"),
        ([None], {}, "$.variations.v0", "wrap them in an object"),
        ([{}, [1]], {}, "$.variations.v1", "wrap them in an object"),
        ([True, None], {"type": "boolean"}, "$.variations.v1", "wrap them in an object"),
        ([True, 1], {"type": "boolean"}, "$.variations.v1", "type is integer, the flag's is boolean"),
        ([1, 2.0], {"type": "integer"}, "$.variations.v1", "write 2"),
        ([1, 2.5], {"type": "integer"}, "$.variations.v1", "type is float"),
        (["1"], {"type": "float"}, "$.variations.v0", "type is string"),
        ([{"a": {"b": [2**53]}}], {}, "$.variations.v0.a.b[0]", "integer_magnitude"),
        ([2**53], {}, "$.variations.v0", "integer_magnitude"),
        ([{"a": float("nan")}], {}, "$.variations.v0.a", "too large"),
    ],
)
def test_prepare_flag__values__refused_with_path(
    values: list[object], members: dict[str, object], path: str, detail: str
) -> None:
    fault = the_fault_of(lambda: prepare_flag(valued(*values, **members)))
    assert fault.path == path
    assert detail in fault.detail


def test_prepare_flag__variation_of_an_odd_name__is_quoted_in_the_path() -> None:
    document = a_document(variations={"dark mode": None}, off_variation="dark mode")
    assert the_fault_of(lambda: prepare_flag(document)).path == '$.variations["dark mode"]'


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"colour": 1}, "$.flags[3]"),
        ({"on": "yes"}, "$.flags[3].on"),
        ({"type": "number"}, "$.flags[3].type"),
        ({"variations": []}, "$.flags[3].variations"),
        ({"targets": [{"variation": "on", "keys": [True]}]}, "$.flags[3].targets[0].keys[0]"),
        ({"targets": [{"variation": "on", "keys": ["a", 1.5]}]}, "$.flags[3].targets[0].keys[1]"),
        ({"targets": [{"variation": "on", "keys": ["a", "a", ""]}]}, "$.flags[3].targets[0].keys[2]"),
        ({"rules": [{"id": "r", "clauses": [], "serve": {}, "x": 1}]}, "$.flags[3].rules[0]"),
        ({"group": {"key": "g", "range": [0]}}, "$.flags[3].group.range"),
        ({"fallthrough": {"rollout": {"weights": [{"variation": "on", "weight": 1.0}]}}},
         "$.flags[3].fallthrough.rollout.weights[0].weight"),
    ],
)  # fmt: skip
def test_prepare_flag__wrong_shape__path_below_the_one_given(changes: dict[str, object], path: str) -> None:
    assert the_fault_of(lambda: prepare_flag(a_document(**changes), "$.flags[3]")).path == path


@pytest.mark.parametrize("member", ["key", "variations", "off_variation", "fallthrough"])
def test_prepare_flag__required_member_missing__is_named(member: str) -> None:
    document = a_document()
    del document[member]
    assert f"`{member}`" in the_fault_of(lambda: prepare_flag(document)).detail


def test_prepare_flag__nothing_but_what_is_required__has_the_defaults() -> None:
    flag = prepare_flag(a_document())
    is_set = (flag.on, flag.client_visible, flag.archived, flag.sticky)
    assert not any(is_set)
    assert (flag.salt, flag.consistency, flag.version) == ("", "eventual", 0)


def test_prepare_flag__unknown_operator__lists_what_there_is() -> None:
    rule = {"id": "r", "clauses": [{"attribute": "a", "op": "equals", "values": [1]}], "serve": {"variation": "on"}}
    fault = the_fault_of(lambda: prepare_flag(a_document(rules=[rule])))
    assert fault.path == "$.rules[0].clauses[0].op"
    assert "'in', 'contains'" in fault.detail


def test_prepare_flag__units__become_strings_once_each() -> None:
    flag = prepare_flag(a_document(targets=[{"variation": "on", "keys": [7, "ada", "7", "ada", -1]}]))
    assert flag.targets[0].keys == ("7", "ada", "-1")


def test_prepare_segment__units__become_strings_once_each() -> None:
    segment = prepare_segment({"key": "beta", "included": [1, "1", "a"], "excluded": ["b", "b"]})
    assert (segment.included, segment.excluded) == (("1", "a"), ("b",))


@pytest.mark.parametrize(("member", "path"), [("included", "$.included[1]"), ("excluded", "$.excluded[1]")])
def test_prepare_segment__empty_unit__is_refused(member: str, path: str) -> None:
    assert the_fault_of(lambda: prepare_segment({"key": "beta", member: ["a", ""]})).path == path


def test_prepare_group__unknown_member__is_refused() -> None:
    assert "`size`" in the_fault_of(lambda: prepare_group({"key": "g", "size": 1})).detail


@pytest.mark.parametrize("document", [None, [], "flag", 1, True])
def test_prepare_flag__no_object__is_refused(document: object) -> None:
    assert the_fault_of(lambda: prepare_flag(document)).path == "$"


def a_full_flagset() -> FlagSet:
    return a_flagset(
        a_flag("base").on(),
        a_flag("checkout").on().requires("base", "on").target("on", "ada", 7).in_group("g", 0, 50_000),
        a_flag("search").rule("r", a_clause("", "in_segment", "beta"), serve=a_rollout(on=1, off=99_999)),
        a_segment("beta").including("ada").rule(a_clause("plan", "in", "pro", 1, True)),
        a_group("g"),
    )


def written(flagset: FlagSet) -> dict[str, object]:
    """Return what GET gives of ``flagset``."""
    parts = {name: list(getattr(flagset, name).values()) for name in ("flags", "segments", "groups")}
    body = {"environment": "production", "epoch": 1, "version": 7, **parts}
    tree: dict[str, object] = json.loads(msgspec.json.encode(body))
    return tree


def test_read_snapshot__what_get_gives__can_be_put_back() -> None:
    once = read_snapshot(written(a_full_flagset()))
    validate(once)
    assert once == read_snapshot(written(once))
    assert list(once.flags) == ["base", "checkout", "search"]


def test_read_snapshot__only_flags__is_enough() -> None:
    assert read_snapshot({"flags": []}) == FlagSet()


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ([], "$"),
        ({}, "$"),
        ({"segments": [], "groups": []}, "$"),
        ({"flags": {}}, "$.flags"),
        ({"flags": None}, "$.flags"),
        ({"flags": [], "experiments": []}, "$.experiments"),
        ({"flags": [a_document(), a_document(key="x"), a_document()]}, "$.flags[2].key"),
        ({"flags": [], "segments": [{"key": "a"}, {"key": "a"}]}, "$.segments[1].key"),
        ({"flags": [], "groups": [{"key": "a"}, 1]}, "$.groups[1]"),
    ],
)
def test_read_snapshot__fault__has_its_path(tree: object, path: str) -> None:
    assert the_fault_of(lambda: read_snapshot(tree)).path == path


def test_read_snapshot__faults_of_shape_and_of_content__come_together() -> None:
    tree = {
        "flags": [a_document(on=1), a_document(key="x", off_variation="of"), a_document(key="y", tags="z")],
        "segments": [{"key": "s", "included": [""]}],
    }
    paths = [fault.path for fault in faults_of(lambda: read_snapshot(tree))]
    assert paths == ["$.flags[0].on", "$.flags[2].tags", "$.segments[0].included[0]", "$.flags[1].off_variation"]


def test_read_snapshot__thousands_of_faults__names_fifty() -> None:
    assert len(faults_of(lambda: read_snapshot({"flags": [1] * 9_000}))) == 50


def test_prepare_flag__refusal__names_path_and_detail_in_the_message() -> None:
    with pytest.raises(InputError, match=r"Expected `bool`, got `str` at \$\.on"):
        prepare_flag(a_document(on="yes"))
