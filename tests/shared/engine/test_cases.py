"""Every behaviour case, against the plain evaluator and against the compiled engine."""

import re

import pytest

from tests.case_files import CASES, Case, flagset_document, load_cases
from tests.in_worker.cases_worker import expected, identical, run_cases
from tests.plain import evaluate

KEBAB_CASE = re.compile("[a-z0-9]+(-[a-z0-9]+)*")

every_case = pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in load_cases()])


@every_case
def test_plain_evaluator__case__as_expected(case: Case) -> None:
    answer = evaluate(flagset_document(case), case["flag"], case["context"], sticky=case.get("sticky"))
    wanted = expected(case)
    assert identical(answer, wanted), f"{case['why']}: expected {wanted}, got {answer}"


@every_case
def test_engine__case__as_expected(case: Case) -> None:
    [result] = run_cases([case])
    assert result["passed"], f"{case['why']}: expected {result['expected']}, got {result['actual']}"


def test_cases__names__are_kebab_case_and_explained() -> None:
    cases = load_cases()
    assert len(cases) == len(list(CASES.rglob("*.json")))
    for case in cases:
        folder, _, name = case["id"].partition("/")
        assert KEBAB_CASE.fullmatch(folder), case["id"]
        assert KEBAB_CASE.fullmatch(name), case["id"]
        assert case["why"], case["id"]
