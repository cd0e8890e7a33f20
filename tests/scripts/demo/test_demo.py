"""The demo shows every feature, is valid, and gives different people different answers."""

from collections.abc import Mapping
from itertools import chain

import pytest

from flaghoist.engine.engine import Engine
from flaghoist.model.context import Context
from flaghoist.model.flags import Flag, FlagSet, Operator, Rollout, Serve
from flaghoist.model.outcome import ErrorCode, Reason
from flaghoist_cli.client.evaluation import engine_of
from flaghoist_cli.comparison.sampling import clauses_of, sample_contexts
from flaghoist_cli.files.contexts import read_contexts
from flaghoist_cli.files.flag_files import read_flag_set
from flaghoist_cli.local.dev.demo_files import SHOPPER, demo_contexts, demo_flags

FEATURES: Mapping[str, object] = {
    "prerequisites": lambda flag: flag.prerequisites,
    "several prerequisite variations": lambda flag: any(len(one.variations) > 1 for one in flag.prerequisites),
    "targets": lambda flag: flag.targets,
    "rollout as fallthrough": lambda flag: flag.fallthrough.rollout,
    "rollout in a rule": lambda flag: any(rule.serve.rollout for rule in flag.rules),
    "rollout by another attribute": lambda flag: any(one.by != "targetingKey" for one in rollouts(flag)),
    "rollout salt": lambda flag: any(one.salt for one in rollouts(flag)),
    "group": lambda flag: flag.group and not flag.archived,
    "sticky": lambda flag: flag.sticky,
    "strong": lambda flag: flag.consistency == "strong",
    "hidden from clients": lambda flag: not flag.client_visible,
    "off": lambda flag: not flag.on and not flag.archived,
    "archived": lambda flag: flag.archived,
    "temporary": lambda flag: flag.temporary,
    "several rules": lambda flag: len(flag.rules) > 1,
    "several clauses": lambda flag: any(len(rule.clauses) > 1 for rule in flag.rules),
    "negate": lambda flag: any(clause.negate for rule in flag.rules for clause in rule.clauses),
    "edge.country": lambda flag: any(c.attribute == "edge.country" for rule in flag.rules for c in rule.clauses),
}


def rollouts(flag: Flag) -> list[Rollout]:
    serves: list[Serve] = [flag.fallthrough, *(rule.serve for rule in flag.rules)]
    return [serve.rollout for serve in serves if serve.rollout]


@pytest.fixture(scope="module")
def demo() -> FlagSet:
    return read_flag_set(str(demo_flags()))


@pytest.fixture(scope="module")
def engine(demo: FlagSet) -> Engine:
    return engine_of(demo)


@pytest.fixture(scope="module")
def shoppers() -> Mapping[str, Context]:
    return read_contexts(str(demo_contexts()))


def test_demo__flags__use_every_operator(demo: FlagSet) -> None:
    assert {clause.op for clause in clauses_of(demo)} == set(Operator)


def test_demo__flags__have_every_type(demo: FlagSet) -> None:
    assert {flag.type for flag in demo.flags.values()} == {"boolean", "string", "integer", "float", "object"}


@pytest.mark.parametrize("feature", FEATURES)
def test_demo__feature__is_shown_by_a_flag(demo: FlagSet, feature: str) -> None:
    shows = FEATURES[feature]
    assert callable(shows)
    assert any(shows(flag) for flag in demo.flags.values())


def test_demo__segments__nest_and_list_both_ways(demo: FlagSet) -> None:
    segments = demo.segments.values()
    assert len(demo.segments) == 4
    assert any(segment.included and segment.excluded and segment.rules for segment in segments)
    nested = chain.from_iterable(clauses for segment in segments for clauses in segment.rules)
    assert any(clause.op is Operator.IN_SEGMENT for clause in nested)


def test_demo__flags__say_what_they_show_and_whose_they_are(demo: FlagSet) -> None:
    unexplained = [
        flag.key
        for flag in demo.flags.values()
        if not flag.description.startswith("Shows ") or not flag.owner or not flag.tags
    ]
    assert unexplained == []


def test_demo__shoppers__meet_every_reason(engine: Engine, shoppers: Mapping[str, Context]) -> None:
    outcomes = [one for context in shoppers.values() for one in engine.evaluate_all(context, client_only=False)]
    assert {outcome.reason for outcome in outcomes} == set(Reason)
    assert {outcome.error_code for outcome in outcomes} == {None, ErrorCode.TARGETING_KEY_MISSING}
    assert {name for outcome in outcomes for name in outcome.metadata} == {"ruleId", "excludedBy", "prerequisiteFailed"}


def test_demo__most_flags__differ_between_shoppers(engine: Engine, shoppers: Mapping[str, Context]) -> None:
    answers = {key: {engine.evaluate(key, context).variation for context in shoppers.values()} for key in engine.keys}
    alike = {key for key, variations in answers.items() if len(variations) == 1}
    assert alike == {"cookie-notice", "dark-mode", "maintenance-notice", "store-banner"}


def test_demo__first_shopper__gets_a_value_for_every_flag(engine: Engine, shoppers: Mapping[str, Context]) -> None:
    assert [one.flag_key for one in engine.evaluate_all(shoppers[SHOPPER], client_only=False) if one.error_code] == []


def test_demo__cookie_notice__follows_the_edge(engine: Engine) -> None:
    assert engine.evaluate("cookie-notice", {"edge.continent": "EU"}).variation == "full"
    assert engine.evaluate("cookie-notice", {"edge": {"country": "CA", "continent": "NA"}}).variation == "short"


def test_demo__integer_target__takes_an_integer_unit(engine: Engine) -> None:
    assert engine.evaluate("gift-wrapping", {"targetingKey": 1843}).variation == "offered"


def test_demo__grouped_experiments__never_meet(demo: FlagSet, engine: Engine) -> None:
    for context in sample_contexts(demo, 500, seed=4):
        live = [
            key
            for key in ("one-page-checkout", "express-checkout")
            if "excludedBy" not in engine.evaluate(key, context).metadata
            and not engine.evaluate(key, context).error_code
        ]
        assert len(live) <= 1


def test_demo__wide_grid__grows_additively(engine: Engine) -> None:
    users = [f"user-{number}" for number in range(2_000)]
    few = {user for user in users if engine.evaluate("wide-grid", {"targetingKey": user}).variation == "on"}
    many = {
        user for user in users if engine.evaluate("wide-grid", {"targetingKey": user, "beta": True}).variation == "on"
    }
    assert few < many
