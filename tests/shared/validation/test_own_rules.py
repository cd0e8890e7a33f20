"""A flag's own rules: each fault with its path and a remedy."""

import pytest

from flaghoist.model.flags import FlagSet
from flaghoist.validation import check_flag, check_group, check_segment, prepare_flag, prepare_group, prepare_segment
from tests.shared.validation.documents import (
    Document,
    a_document,
    a_rollout_document,
    a_rule_document,
    faults_of,
    the_fault_of,
)


def refuse(**changes: object) -> tuple[str, str]:
    """Return path and detail of the one fault of a flag with these members."""
    fault = the_fault_of(lambda: check_flag(prepare_flag(a_document(**changes)), FlagSet()))
    return fault.path, fault.detail


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"key": "A-z_0.9"},
        {"key": "."},
        {"rules": [a_rule_document()]},
        {"rules": [{**a_rule_document(), "id": "a"}, {**a_rule_document(), "id": "b"}]},
        {"fallthrough": a_rollout_document(("on", 100_000))},
        {"fallthrough": a_rollout_document(("on", 0), ("off", 100_000))},
        {"fallthrough": a_rollout_document(("on", 40_000), ("off", 20_000), ("on", 40_000))},
        {"fallthrough": a_rollout_document(("on", 100_000), by="edge.country", salt="x", algorithm="sha256")},
        {"fallthrough": a_rollout_document(("on", 100_000), algorithm="mix")},
        {"targets": [{"variation": "on", "keys": []}, {"variation": "on", "keys": ["a"]}]},
        {"tags": ["a", "a"], "owner": "", "description": "é" * 4_096},
        {"version": 12, "salt": ""},
    ],
)
def test_check_flag__good__passes(changes: Document) -> None:
    check_flag(prepare_flag(a_document(**changes)), FlagSet())


@pytest.mark.parametrize("key", ["", "a b", "a/b", "é", "a\n", "\na", "a\0", "\u212a"])
def test_check_flag__key_outside_the_alphabet__is_refused(key: str) -> None:
    path, detail = refuse(key=key)
    assert path == "$.key"
    assert "A-Z, a-z, 0-9" in detail


@pytest.mark.parametrize("key", ["", "a b", "a\n"])
def test_check_segment_and_group__key_outside_the_alphabet__is_refused(key: str) -> None:
    assert the_fault_of(lambda: check_segment(prepare_segment({"key": key}), FlagSet())).path == "$.key"
    assert the_fault_of(lambda: check_group(prepare_group({"key": key}), FlagSet())).path == "$.key"


UNKNOWN = "variation 'onn' does not exist; the flag has 'on', 'off'"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"off_variation": "onn"}, "$.off_variation"),
        ({"fallthrough": {"variation": "onn"}}, "$.fallthrough.variation"),
        ({"rules": [a_rule_document(variation="onn")]}, "$.rules[0].serve.variation"),
        ({"targets": [{"variation": "onn", "keys": ["a"]}]}, "$.targets[0].variation"),
        ({"fallthrough": a_rollout_document(("on", 1), ("onn", 99_999))},
         "$.fallthrough.rollout.weights[1].variation"),
        ({"rules": [a_rule_document(**a_rollout_document(("onn", 100_000)))]},
         "$.rules[0].serve.rollout.weights[0].variation"),
    ],
)  # fmt: skip
def test_check_flag__unknown_variation__lists_those_there_are(changes: Document, path: str) -> None:
    assert refuse(**changes) == (path, UNKNOWN)


@pytest.mark.parametrize(
    ("serve", "path", "detail"),
    [
        ({}, "$.fallthrough", "exactly one"),
        ({"variation": "on", **a_rollout_document(("on", 100_000))}, "$.fallthrough", "exactly one"),
        (a_rollout_document(), "$.fallthrough.rollout.weights", "here to 0"),
        (a_rollout_document(("on", 99_999)), "$.fallthrough.rollout.weights", "here to 99999"),
        (a_rollout_document(("on", 50_001), ("off", 50_000)), "$.fallthrough.rollout.weights", "here to 100001"),
        (a_rollout_document(("on", -1), ("off", 100_001)), "$.fallthrough.rollout.weights[0].weight", "negative"),
        (a_rollout_document(("on", 100_000), by=""), "$.fallthrough.rollout.by", "empty"),
        *(
            (a_rollout_document(("on", 100_000), algorithm=name), "$.fallthrough.rollout.algorithm", "only sha256")
            for name in ("launchdarkly", "growthbook", "unleash", "flagd")
        ),
    ],
)
def test_check_flag__serve__exactly_one_and_whole(serve: Document, path: str, detail: str) -> None:
    actual_path, actual_detail = refuse(fallthrough=serve)
    assert actual_path == path
    assert detail in actual_detail


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ([{**a_rule_document(), "id": ""}], "$.rules[0].id"),
        ([a_rule_document(), a_rule_document()], "$.rules[1].id"),
    ],
)
def test_check_flag__rule_ids__are_there_and_unique(rules: list[Document], path: str) -> None:
    assert refuse(rules=rules)[0] == path


def test_check_flag__unit_in_two_targets__names_both() -> None:
    targets = [{"variation": "on", "keys": ["a", "7"]}, {"variation": "off", "keys": ["b", 7]}]
    path, detail = refuse(targets=targets)
    assert path == "$.targets[1].keys[1]"
    assert "unit '7' is already in targets[0]" in detail


def test_check_flag__no_variation__is_refused() -> None:
    assert "$.variations" in _paths({"variations": {}})


def _paths(changes: Document) -> list[str]:
    return [fault.path for fault in faults_of(lambda: check_flag(prepare_flag(a_document(**changes)), FlagSet()))]


def test_check_flag__empty_variation_name__is_refused() -> None:
    assert refuse(variations={"on": True, "off": False, "": True})[0] == '$.variations[""]'


def test_check_flag__prerequisite_without_variations__is_refused() -> None:
    assert "$.prerequisites[0].variations" in _paths({"prerequisites": [{"flag": "x", "variations": []}]})


@pytest.mark.parametrize("bounds", [[0, 0], [5, 4], [-1, 5], [0, 100_001], [100_000, 100_001]])
def test_check_flag__range_out_of_bounds__is_refused(bounds: list[int]) -> None:
    assert "$.group.range" in _paths({"group": {"key": "g", "range": bounds}})


def test_check_flag__several_faults__are_named_at_once() -> None:
    changes = {
        "key": "a b",
        "off_variation": "of",
        "tags": [""],
        "rules": [a_rule_document({"attribute": "", "op": "lt", "values": ["1"]}, variation="onn")],
    }
    assert _paths(changes) == [
        "$.key",
        "$.tags[0]",
        "$.off_variation",
        "$.rules[0].clauses[0].attribute",
        "$.rules[0].clauses[0].values[0]",
        "$.rules[0].serve.variation",
    ]
