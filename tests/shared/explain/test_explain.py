"""Explanations: the answer is the engine's, and the steps say how it came about."""

import pytest

from flaghoist.explain import Explanation, Step, explain
from flaghoist.model.bucketing import bucket, mixed_bucket
from flaghoist.model.context import Context
from flaghoist.model.outcome import ErrorCode, Reason
from tests.builders import FlagBuilder, a_clause, a_flag, a_flagset, a_group, a_rollout, a_segment
from tests.case_files import Case, load_cases
from tests.in_worker.cases_worker import expected, identical, read_flagset

ADA: Context = {"targetingKey": "ada", "plan": "pro", "age": 36}


def lines_of(explanation: Explanation) -> list[str]:
    """Return the steps, one line each."""
    return [f"{step.flag} {step.stage} {'+' if step.passed else '-'} {step.detail}" for step in explanation.steps]


def explained(*flags: FlagBuilder, key: str = "a", context: Context = ADA, **sticky: str) -> Explanation:
    segment = a_segment("beta").including("eve").excluding("bob").rule(a_clause("plan", "in", "pro"))
    return explain(a_flagset(*flags, segment, a_group("g", "salt")), key, context, sticky)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in load_cases()])
def test_explain__case__as_expected(case: Case) -> None:
    answer = explain(read_flagset(case), case["flag"], case["context"], case.get("sticky"))
    code = answer.error_code and answer.error_code.value
    got = {
        "variation": answer.variation,
        "value": answer.value,
        "reason": answer.reason.value,
        "errorCode": code,
        "metadata": dict(answer.metadata),
    }
    assert identical(got, expected(case)), case["why"]


@pytest.mark.parametrize(("flags", "detail"), [([], "does not exist"), ([a_flag("a").on().archived()], "is archived")])
def test_explain__no_such_flag__says_which_way(flags: list[FlagBuilder], detail: str) -> None:
    explanation = explained(*flags)
    assert explanation.error_code is ErrorCode.FLAG_NOT_FOUND
    assert explanation.steps == (Step("flag", False, f"flag 'a' {detail}", "a"),)


def test_explain__flag_off__ends_there() -> None:
    explanation = explained(a_flag("a").target("on", "ada"))
    assert (explanation.reason, explanation.variation) == (Reason.DISABLED, "off")
    assert lines_of(explanation) == ["a on - the flag is off"]


def test_explain__prerequisites__are_listed_in_order_and_once_each() -> None:
    top = a_flag("a").on().requires("b", "on").requires("c", "on")
    middle = [a_flag(key).on().requires("d", "on", "off").fallthrough("on") for key in ("b", "c")]
    explanation = explained(top, *middle, a_flag("d").on())
    assert explanation.reason is Reason.DEFAULT
    assert lines_of(explanation) == [
        "a on + the flag is on",
        "b on + the flag is on",
        "d on + the flag is on",
        "d fallthrough + nothing before answers",
        "b prerequisite + flag 'd' must serve 'on' or 'off'; it does",
        "b fallthrough + nothing before answers",
        "a prerequisite + flag 'b' must serve 'on'; it does",
        "c on + the flag is on",
        "c prerequisite + flag 'd' must serve 'on' or 'off'; it does",
        "c fallthrough + nothing before answers",
        "a prerequisite + flag 'c' must serve 'on'; it does",
        "a fallthrough + nothing before answers",
    ]


@pytest.mark.parametrize(
    ("required", "why"),
    [
        (a_flag("b"), "it is off"),
        (a_flag("b").on(), "it serves 'off'"),
        (a_flag("b").on().archived(), "it ends with FLAG_NOT_FOUND"),
        (a_flag("b").on().fallthrough(a_rollout(by="nobody", on=100_000)), "it ends with TARGETING_KEY_MISSING"),
    ],
)
def test_explain__prerequisite_that_fails__says_why(required: FlagBuilder, why: str) -> None:
    explanation = explained(a_flag("a").on().requires("b", "on"), required)
    assert explanation.steps[-1] == Step("prerequisite", False, f"flag 'b' must serve 'on'; {why}", "a")
    assert explanation.metadata == {"prerequisiteFailed": "b"}


@pytest.mark.parametrize("is_in", [True, False])
def test_explain__group__tells_bucket_and_range(is_in: bool) -> None:
    drawn = bucket("salt", "g", "ada")
    low, high = (drawn, drawn + 1) if is_in else (drawn + 1, drawn + 2)
    explanation = explained(a_flag("a").on().in_group("g", low, high))
    where = "+ bucket {} of group 'g' is in" if is_in else "- bucket {} of group 'g' is outside"
    assert lines_of(explanation)[1] == f"a group {where.format(drawn)} [{low}, {high})"
    assert explanation.metadata == ({} if is_in else {"excludedBy": "g"})


def test_explain__target__names_its_variation() -> None:
    explanation = explained(a_flag("a").on().target("off", "bob").target("on", 7, "ada"))
    assert lines_of(explanation)[1:] == ["a targets + the targetingKey is a target of 'on'"]


def test_explain__rules__tell_each_clause_and_what_it_saw() -> None:
    flag = (
        a_flag("a")
        .on()
        .target("on", "bob")
        .rule("grown", a_clause("age", "gte", 18), a_clause("country", "in", "de", "fr"), serve="on")
        .rule("not-free", a_clause("plan", "in", "free", negate=True), serve="on")
    )
    explanation = explained(flag)
    assert explanation.metadata == {"ruleId": "not-free"}
    assert lines_of(explanation)[1:] == [
        "a targets - the targetingKey is no target",
        "a clause + age gte [18]; it is 36",
        'a clause - country in ["de","fr"]; it is missing',
        "a rule - rule 'grown': a clause does not hold",
        'a clause + plan not in ["free"]; it is "pro"',
        "a rule + rule 'not-free': every clause holds",
    ]


@pytest.mark.parametrize(
    ("key", "plan", "is_in", "why"),
    [
        ("eve", "free", True, "the targetingKey is included"),
        ("bob", "pro", False, "the targetingKey is excluded"),
        ("ada", "pro", True, "rules[0] holds"),
        ("ada", "free", False, "the targetingKey is in no list and no rule holds"),
        ("", "pro", True, "rules[0] holds"),
    ],
)
def test_explain__segment__says_why_in_or_out(key: str, plan: str, is_in: bool, why: str) -> None:
    flag = a_flag("a").on().rule("r", a_clause("", "in_segment", "beta"), serve="on")
    explanation = explained(flag, context={"targetingKey": key, "plan": plan})
    assert Step("segment", is_in, f"segment 'beta': {why}", "a") in explanation.steps
    assert Step("clause", is_in, 'in_segment ["beta"]', "a") in explanation.steps


def test_explain__draw__tells_bucket_range_and_variation() -> None:
    flag = a_flag("a").on().salt("s").fallthrough(a_rollout(by="age", off=1, on=99_999))
    drawn = bucket("s", "a", "36")
    explanation = explained(flag)
    assert (explanation.reason, explanation.variation) == (Reason.SPLIT, "on")
    assert lines_of(explanation)[-1] == f"a draw + bucket {drawn} by age is in [1, 100000) of 'on'"


def test_explain__draw_by_mix__says_so() -> None:
    flag = a_flag("a").on().salt("s").fallthrough(a_rollout(algorithm="mix", off=1, on=99_999))
    drawn = mixed_bucket("s", "a", "ada")
    assert lines_of(explained(flag))[-1] == f"a draw + mix bucket {drawn} by targetingKey is in [1, 100000) of 'on'"


def test_explain__draw_without_a_unit__is_an_error_that_names_the_attribute() -> None:
    explanation = explained(a_flag("a").on().fallthrough(a_rollout(by="company", on=100_000)))
    assert explanation.error_code is ErrorCode.TARGETING_KEY_MISSING
    assert lines_of(explanation)[-1] == "a draw - company holds neither a non-empty string nor an integer"


@pytest.mark.parametrize(("flag", "kept"), [(a_flag("a").sticky(), True), (a_flag("a"), False)])
def test_explain__sticky_assignment__replaces_the_draw_of_a_sticky_flag(flag: FlagBuilder, kept: bool) -> None:
    explanation = explained(flag.on().fallthrough(a_rollout(on=0, off=100_000)), a="on")
    assert explanation.variation == ("on" if kept else "off")
    assert ("sticky" in explanation.steps[-1].detail) is kept


def test_explain__long_value__is_cut() -> None:
    flag = a_flag("a").on().rule("r", a_clause("plan", "in", "x"), serve="on")
    explanation = explained(flag, context={"plan": "y" * 10_000})
    assert max(len(step.detail) for step in explanation.steps) < 200
