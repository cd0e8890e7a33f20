"""OFREP bodies, member by member."""

import msgspec
import pytest

from flaghoist.protocol.requests import Freshness, Response
from tests.builders import a_clause, a_flag, a_group, a_rollout
from tests.published import SERVER_KEY, published
from tests.shared.answers.asking import BOOTSTRAP, BULK, ask, tree

SNAPSHOT = published(
    a_flag("bool").on().client_visible().version(3).rule("pro", a_clause("plan", "in", "pro"), serve="on"),
    a_flag("float").on().client_visible().variations("one", one=1.0),
    a_flag("hidden").on(),
    a_flag("object").on().client_visible().variations("a", a={"x": [1, None]}),
    a_flag("off").client_visible().variations("no", no="nothing", yes="something"),
    a_flag("split").on().client_visible().fallthrough(a_rollout(on=100_000)),
    a_flag("needs").on().client_visible().requires("hidden", "on"),
    a_flag("grouped").on().client_visible().in_group("layer", 0, 0),
    a_group("layer"),
)
HELD = SNAPSHOT.held()


def items(response: Response) -> dict[str, dict[str, object]]:
    flags = msgspec.convert(tree(response)["flags"], list[dict[str, object]])
    return {str(item["key"]): item for item in flags}


def test_bulk__items__are_sorted_and_hold_every_member() -> None:
    response = ask(HELD, BULK, {"targetingKey": "ada", "plan": "pro"})
    found = items(response)
    assert list(found) == ["bool", "float", "grouped", "needs", "object", "off", "split"]
    assert found["bool"] == {
        "key": "bool",
        "value": True,
        "reason": "TARGETING_MATCH",
        "variant": "on",
        "metadata": {"flagVersion": 3},
    }
    assert response.headers["Content-Type"] == "application/json"


def test_bulk__float__keeps_its_decimal_point() -> None:
    assert b'"key":"float","value":1.0,' in ask(HELD, BULK).body


def test_bulk__disabled_flag__carries_the_off_value() -> None:
    off = items(ask(HELD, BULK))["off"]
    assert (off["value"], off["variant"], off["reason"]) == ("nothing", "no", "DISABLED")


def test_bulk__missing_targeting_key__fails_that_flag_alone() -> None:
    found = items(ask(HELD, BULK))
    assert set(found["split"]) == {"key", "errorCode", "errorDetails"}
    assert found["split"]["errorCode"] == "TARGETING_KEY_MISSING"
    assert found["bool"]["reason"] == "DEFAULT"


def test_bulk__details__go_to_server_keys_alone() -> None:
    context = {"targetingKey": "ada", "plan": "pro"}
    told = items(ask(HELD, BULK, context, key=SERVER_KEY))
    assert told["bool"]["metadata"] == {"flagVersion": 3, "ruleId": "pro"}
    assert told["needs"]["metadata"] == {"flagVersion": 0, "prerequisiteFailed": "hidden"}
    assert told["grouped"]["metadata"] == {"flagVersion": 0, "excludedBy": "layer"}
    untold = ask(HELD, BULK, context).body
    assert not any(word in untold for word in (b"ruleId", b"prerequisiteFailed", b"excludedBy", b"hidden"))


def test_bulk__scopes__do_not_share_rendered_items() -> None:
    held = SNAPSHOT.held()
    context = {"targetingKey": "ada", "plan": "pro"}
    first = ask(held, BULK, context, key=SERVER_KEY).body
    between = ask(held, BULK, context).body
    assert b"ruleId" in first
    assert b"ruleId" not in between
    assert ask(held, BULK, context, key=SERVER_KEY).body == first


def test_bulk__metadata__says_where_the_answer_stands() -> None:
    freshness = Freshness(level=1, age_seconds=75, notes=("behind-floor",))
    body = tree(ask(HELD, BULK, freshness=freshness))
    expected = {"version": "1-1", "age": 75, "level": 1, "environment": "production", "notes": "behind-floor"}
    assert body["metadata"] == expected
    assert "eventStreams" not in body


def test_bulk__empty_environment__is_an_empty_list() -> None:
    assert tree(ask(published().held(), BULK))["flags"] == []


def test_single__success__joins_metadata_of_flag_and_snapshot() -> None:
    response = ask(HELD, f"{BULK}/bool", {"plan": "pro"}, key=SERVER_KEY, freshness=Freshness(age_seconds=4))
    assert response.status == 200
    assert tree(response) == {
        "key": "bool",
        "value": True,
        "reason": "TARGETING_MATCH",
        "variant": "on",
        "metadata": {
            "flagVersion": 3,
            "ruleId": "pro",
            "version": "1-1",
            "age": 4,
            "level": 0,
            "environment": "production",
        },
    }
    assert b"ruleId" not in ask(HELD, f"{BULK}/bool", {"plan": "pro"}).body


@pytest.mark.parametrize("key", ["unknown", "hidden", "no%20key", "a%2Fb", "%FF", "x" * 500])
def test_single__unknown_or_hidden__is_404_in_the_same_words(key: str) -> None:
    response = ask(HELD, f"{BULK}/{key}")
    body = tree(response)
    assert response.status == 404
    assert set(body) == {"key", "errorCode", "errorDetails"}
    assert body["errorCode"] == "FLAG_NOT_FOUND"
    named = str(body["key"])
    assert str(body["errorDetails"]).replace(repr(named), "KEY") == (
        "no flag KEY here: it is unknown, archived, or not visible to this key"
    )


def test_single__missing_targeting_key__is_400() -> None:
    response = ask(HELD, f"{BULK}/split")
    assert response.status == 400
    assert set(tree(response)) == {"key", "errorCode", "errorDetails"}
    assert tree(response)["errorCode"] == "TARGETING_KEY_MISSING"


def test_single_and_bulk__same_flag__agree() -> None:
    context = {"targetingKey": "ada", "plan": "pro"}
    for key, item in items(ask(HELD, BULK, context)).items():
        single = tree(ask(HELD, f"{BULK}/{key}", context))
        assert {**single, "metadata": None} == {**item, "metadata": None}


def test_bootstrap__ofrep_format__is_the_bulk_body() -> None:
    assert ask(HELD, BOOTSTRAP, query="format=ofrep").body == ask(HELD, BULK).body
