"""Clauses: which attribute and values each operator takes."""

from typing import get_args

import pytest

from flaghoist.limits import IDENTIFIER_CHARACTERS
from flaghoist.model.flags import Clause, Operator, Scalar, Segment
from flaghoist.validation import check_segment
from tests.builders import a_clause, a_flagset, a_segment
from tests.shared.validation.documents import faults_of, the_fault_of

GOOD: dict[str, list[Scalar]] = {
    "in": ["a", "", 1, 1.5, True],
    "contains": ["a", ""],
    "starts_with": ["a"],
    "ends_with": ["a"],
    "matches": ["^a+$", ""],
    "lt": [1, -1.5],
    "lte": [0],
    "gt": [1e300],
    "gte": [2**53 - 1],
    "before": ["2026-01-31T12:00:00Z", 1_700_000_000, 0.5],
    "after": ["2026-01-31T12:00:00+01:00"],
    "semver_eq": ["1.2.3", "1"],
    "semver_lt": ["1.2"],
    "semver_lte": ["1.2.3-beta.1"],
    "semver_gt": ["1.2.3+build"],
    "semver_gte": ["0.0.0"],
    "cidr": ["10.0.0.0/8", "::1", "10.1.2.3/8"],
    "exists": [True],
    "in_segment": ["beta"],
}

BAD: dict[str, list[Scalar]] = {
    "contains": [1, True, 1.5],
    "starts_with": [1],
    "ends_with": [False],
    "matches": [1, "(", "(a+)+", "(?=a)", "a" * 513],
    "lt": ["1", True],
    "lte": ["a"],
    "gt": [False],
    "gte": ["2.0"],
    "before": ["2026-01-31", "2026-01-31T12:00:00", True, "1700000000", ""],
    "after": ["tomorrow"],
    "semver_eq": ["v1.2.3", 1, 1.2, "1.2.3.4", ""],
    "semver_lt": ["latest"],
    "semver_lte": ["1.2."],
    "semver_gt": [True],
    "semver_gte": ["01.0.0"],
    "cidr": ["10.0.0.0/33", "example.com", 10, "::ffff:10.0.0.1%1"],
    "exists": [1, "true"],
    "in_segment": [1, True],
}


def check(clause: Clause) -> None:
    """Validate the clause in a set that has the segment ``beta``."""
    check_segment(Segment("user", rules=((), (a_clause("a", "in", 1), clause))), a_flagset(a_segment("beta")))


def with_values(op: str, *values: Scalar) -> Clause:
    return a_clause("" if op == "in_segment" else "plan", op, *values)


def test_tables__operators__are_all_there() -> None:
    assert set(GOOD) == {operator.value for operator in Operator}
    assert set(BAD) == set(GOOD) - {"in"}
    assert get_args(Scalar) == (bool, int, float, str)


@pytest.mark.parametrize("op", GOOD)
@pytest.mark.parametrize("negate", [False, True])
def test_check__values_of_the_right_kind__pass(op: str, negate: bool) -> None:
    check(a_clause("" if op == "in_segment" else "a.b c", op, *GOOD[op], negate=negate))


@pytest.mark.parametrize(("op", "value"), [(op, value) for op, values in BAD.items() for value in values])
def test_check__value_of_another_kind__is_refused_with_its_path(op: str, value: Scalar) -> None:
    fault = the_fault_of(lambda: check(with_values(op, value)))
    assert fault.path == "$.rules[1][1].values[0]"
    assert fault.detail


@pytest.mark.parametrize("op", sorted(set(BAD) - {"exists", "in_segment"}))
def test_check__one_bad_value_among_good_ones__has_its_index(op: str) -> None:
    clause = with_values(op, *GOOD[op], BAD[op][0])
    assert the_fault_of(lambda: check(clause)).path == f"$.rules[1][1].values[{len(GOOD[op])}]"


@pytest.mark.parametrize("op", GOOD)
def test_check__no_values__are_refused(op: str) -> None:
    assert the_fault_of(lambda: check(with_values(op))).path == "$.rules[1][1].values"


def test_check__exists_with_two_values__is_refused() -> None:
    assert the_fault_of(lambda: check(with_values("exists", True, False))).path == "$.rules[1][1].values"


@pytest.mark.parametrize("op", sorted(set(GOOD) - {"in_segment"}))
def test_check__no_attribute__is_refused(op: str) -> None:
    assert the_fault_of(lambda: check(a_clause("", op, *GOOD[op]))).path == "$.rules[1][1].attribute"


def test_check__in_segment_with_an_attribute__is_refused() -> None:
    assert the_fault_of(lambda: check(a_clause("a", "in_segment", "beta"))).path == "$.rules[1][1].attribute"


@pytest.mark.parametrize("op", ["lt", "lte", "gt", "gte", "in", "before"])
@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_check__number_that_json_lacks__is_refused(op: str, value: float) -> None:
    assert faults_of(lambda: check(with_values(op, value)))[0].path == "$.rules[1][1].values[0]"


def test_check__huge_value__is_cut_in_the_message() -> None:
    text = "x" * IDENTIFIER_CHARACTERS.value
    assert len(the_fault_of(lambda: check(with_values("cidr", text))).detail) < 200


def test_check__clause_on_the_edge__passes() -> None:
    check(a_clause("edge.country", "in", "de"))
