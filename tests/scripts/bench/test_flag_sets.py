"""What is measured: the flag sets, the visitors, and the same flags in every peer's format."""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import msgspec
import pytest

from bench.edge.subjects import PEERS
from bench.formats import flagd, growthbook, launchdarkly, statsig, unleash
from bench.inputs.flag_sets import TARGETED_USERS, flag_set
from bench.inputs.visitors import POOL, Bodies, user_id, visitor
from flaghoist.errors import InputError
from flaghoist.model.flags import Flag, FlagSet, JsonValue

FORMATS: Mapping[str, Callable[[FlagSet], JsonValue]] = {
    "launchdarkly": launchdarkly.document,
    "growthbook": growthbook.document,
    "flagd": flagd.document,
    "statsig": statsig.document,
    "unleash": unleash.document,
}


def kind_of(flag: Flag) -> str:
    """Name what decides a flag."""
    if not flag.on:
        return "off"
    if flag.rules:
        return "rules"
    if flag.targets:
        return "targets"
    return "rollout" if flag.fallthrough.rollout else "fixed"


def as_json(document: JsonValue) -> Any:
    return msgspec.json.decode(msgspec.json.encode(document))


def test_flag_set__mix__has_the_documented_shares() -> None:
    kinds = Counter(kind_of(flag) for flag in flag_set("mix", 1_000, 7).flags.values())
    assert kinds == {"off": 300, "fixed": 300, "rollout": 250, "rules": 100, "targets": 50}


def test_flag_set__same_seed__is_the_same_and_another_is_not() -> None:
    assert flag_set("mix", 50, 7) == flag_set("mix", 50, 7)
    assert flag_set("mix", 50, 7) != flag_set("mix", 50, 8)


def test_flag_set__count_that_does_not_divide__is_kept() -> None:
    assert len(flag_set("mix", 33, 7).flags) == 33


def test_flag_set__targets__name_so_many_users_of_the_pool() -> None:
    flags = flag_set("mix", 100, 7).flags.values()
    lists = [flag.targets[0].keys for flag in flags if flag.targets]
    pool = {user_id(number) for number in range(POOL)}
    assert [len(keys) for keys in lists] == [TARGETED_USERS] * 5
    assert all(pool.issuperset(map(str, keys)) for keys in lists)


@pytest.mark.parametrize(
    ("shape", "holds"),
    [
        ("rollouts", lambda flag: kind_of(flag) == "rollout"),
        ("rules", lambda flag: len(flag.rules) == 5),
        ("constants", lambda flag: kind_of(flag) in {"off", "fixed"}),
    ],
)
def test_flag_set__of_one_kind__every_flag_is(shape: Any, holds: Callable[[Flag], bool]) -> None:
    assert all(map(holds, flag_set(shape, 40, 7).flags.values()))


def test_flag_set__unknown_algorithm__is_refused() -> None:
    with pytest.raises(InputError, match="algorithm"):
        flag_set("rollouts", 3, 7, "unleash")


@pytest.mark.parametrize("attributes", [1, 8, 50])
def test_visitor__attributes__are_so_many_beside_the_key(attributes: int) -> None:
    assert len(visitor(3, attributes)) == attributes + 1


def test_bodies__many__ask_for_distinct_users() -> None:
    bodies = list(islice(Bodies().each(), 2_000))
    assert len({msgspec.json.decode(body)["context"]["targetingKey"] for body in bodies}) == 2_000


def test_visitor__number__is_always_the_same_user() -> None:
    assert visitor(5) == visitor(5)
    assert visitor(5) != visitor(6)


@pytest.mark.parametrize("name", FORMATS)
def test_format__every_flag__is_in_the_document(name: str) -> None:
    flagset = flag_set("mix", 60, 7)
    text = msgspec.json.encode(FORMATS[name](flagset)).decode()
    assert all(f'"{key}"' in text for key in flagset.flags)


def test_launchdarkly__weights_and_variations__are_indexes_that_sum_up() -> None:
    flagset = flag_set("rollouts", 30, 7)
    for flag in as_json(launchdarkly.document(flagset))["flags"].values():
        parts = flag["fallthrough"]["rollout"]["variations"]
        assert sum(part["weight"] for part in parts) == 100_000
        assert [part["variation"] for part in parts] == list(range(len(flag["variations"])))


def test_statsig__rule_that_serves_false__passes_nobody() -> None:
    flagset = flag_set("rules", 30, 7)
    specs = {spec["name"]: spec for spec in as_json(statsig.document(flagset))["feature_gates"]}
    for key, spec in specs.items():
        flag = flagset.flags[key]
        served = [flag.variations[str(rule.serve.variation)] for rule in flag.rules]
        assert [rule["passPercentage"] == 100 for rule in spec["rules"][:5]] == served


def test_flagd__rules__end_in_the_draw() -> None:
    flagset = flag_set("rules", 10, 7)
    for flag in as_json(flagd.document(flagset))["flags"].values():
        assert list(flag["targeting"]["if"][-1]) == ["fractional"]


def test_growthbook__off_flag__serves_its_off_value_without_rules() -> None:
    flagset = flag_set("mix", 60, 7)
    features = as_json(growthbook.document(flagset))["features"]
    for flag in flagset.flags.values():
        if not flag.on:
            assert features[flag.key] == {"defaultValue": flag.variations[flag.off_variation]}


def test_unleash__off_flag__is_not_enabled() -> None:
    flagset = flag_set("mix", 60, 7)
    enabled = {each["name"]: each["enabled"] for each in as_json(unleash.document(flagset))["features"]}
    assert enabled == {flag.key: flag.on for flag in flagset.flags.values()}


@pytest.mark.parametrize(
    ("peer", "answer"),
    [
        ("launchdarkly_cached", b'{"a":true,"$valid":true,"$flagsState":{"a":{}}}'),
        ("growthbook", b'{"features":{"a":{"value":true,"source":"force"}}}'),
        ("flagd", b'{"flags":[{"key":"a","value":true}]}'),
        ("statsig", b'{"feature_gates":{"a":{"value":true}},"dynamic_configs":{}}'),
    ],
)
def test_peer__answer__gives_values_by_flag(peer: str, answer: bytes) -> None:
    found = next(each for each in PEERS if each.name == peer)
    assert found.values(answer) == {"a": True}
