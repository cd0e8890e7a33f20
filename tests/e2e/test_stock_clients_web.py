"""The published OpenFeature provider for web pages, unmodified in Node, against edge and origin."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flaghoist_cli.build.node import environment as node_environment
from flaghoist_cli.build.node import node
from tests.e2e.documents import Document, snapshot_body
from tests.e2e.environments import Environment, Side
from tests.e2e.typed_flags import HOSTILE, OBJECT, hostile_flag, typed_flagset

pytestmark = pytest.mark.e2e

DRIVER = Path(__file__).parent / "web_provider.mjs"
SECONDS = 60
POLL_MS = 50

VALUES: tuple[tuple[str, str, Any, Any, str, str], ...] = (
    # kind, flag, default, value, reason, variant
    ("Boolean", "bool-static", False, True, "STATIC", "on"),
    ("String", "text-static", "?", "plain", "STATIC", "plain"),
    ("Number", "int-static", 0, 2**53 - 1, "STATIC", "most"),
    ("Number", "float-static", 0, 0.5, "STATIC", "half"),
    ("Number", "float-integral", 0, 1, "STATIC", "one"),
    ("Object", "object-static", {}, OBJECT, "STATIC", "full"),
    ("Boolean", "defaulted", True, False, "DEFAULT", "off"),
    ("Boolean", "targeted", False, True, "TARGETING_MATCH", "on"),
    ("Boolean", "split", False, True, "SPLIT", "on"),
    ("Boolean", "disabled", True, False, "DISABLED", "off"),
)

ADA = {"targetingKey": "ada", "plan": "free"}
RULED = [["Boolean", "ruled", False]]


@pytest.fixture(scope="module", autouse=True)
def flags(environment: Environment) -> None:
    environment.reach(environment.replace(snapshot_body(typed_flagset())))


def drive(
    base_url: str, key: str, *steps: Document, poll_ms: int = 0, header: tuple[str, str] | None = None
) -> Document:
    """Run the provider through the steps; return what each showed, the calls that it made and the events it raised."""
    further = [header] if header else []
    told = {"baseUrl": base_url, "key": key, "pollMs": poll_ms, "headers": further, "steps": steps}
    done = subprocess.run(
        [node(), DRIVER],
        input=json.dumps(told).encode(),
        capture_output=True,
        env=node_environment(),
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    shown: Document = json.loads(done.stdout)
    return shown


def statuses(shown: Document) -> list[int]:
    return [call["status"] for call in shown["calls"]]


def test_web_client__flags_of_each_type_and_reason__values_reasons_and_variants(
    environment: Environment, side: Side
) -> None:
    questions = [[kind, flag, default] for kind, flag, default, *_ in VALUES]
    shown = drive(environment.side(side), environment.keys.client, {"set": ADA}, {"ask": questions})
    assert statuses(shown) == [200]
    for (_, flag, _, value, reason, variant), got in zip(VALUES, shown["steps"][1], strict=True):
        assert (got["value"], got["reason"], got["variant"]) == (value, reason, variant), flag
        assert got["flagMetadata"]["flagVersion"] == 1, flag


def test_web_client__polls_of_an_unchanged_snapshot__304_and_values_stay(environment: Environment, side: Side) -> None:
    steps = ({"set": ADA}, {"poll": 3}, {"ask": [["Boolean", "targeted", False]]})
    shown = drive(environment.side(side), environment.keys.client, *steps, poll_ms=POLL_MS)
    first, *polls = shown["calls"]
    assert (first["status"], first["asked"]) == (200, None)
    assert [(poll["status"], poll["asked"]) for poll in polls[:3]] == [(304, first["etag"])] * 3
    assert shown["steps"][2][0]["value"] is True


def test_web_client__attribute_changes_but_not_the_targeting_key__new_values(
    environment: Environment, side: Side
) -> None:
    pro = {**ADA, "plan": "pro"}
    steps = ({"set": ADA}, {"ask": RULED}, {"set": pro}, {"ask": RULED}, {"set": ADA}, {"ask": RULED})
    shown = drive(environment.side(side), environment.keys.client, *steps)
    assert [shown["steps"][place][0]["value"] for place in (1, 3, 5)] == [False, True, False]
    assert statuses(shown) == [200, 200, 200]
    first, second, third = shown["calls"]
    assert second["asked"] == first["etag"], "the provider keeps its ETag: it relies on ours to cover the context"
    assert third["etag"] == first["etag"] != second["etag"]


def test_web_client__attribute_that_no_flag_reads_changes__304_and_right_values(
    environment: Environment, side: Side
) -> None:
    steps = ({"set": ADA}, {"set": {**ADA, "favourite colour": "teal"}}, {"ask": RULED})
    shown = drive(environment.side(side), environment.keys.client, *steps)
    assert statuses(shown) == [200, 304]
    assert shown["steps"][2][0]["value"] is False


def test_web_client__targeting_key_changes__new_values(environment: Environment, side: Side) -> None:
    questions = [["Boolean", "targeted", False]]
    steps = ({"set": ADA}, {"ask": questions}, {"set": {"targetingKey": "bob"}}, {"ask": questions})
    shown = drive(environment.side(side), environment.keys.client, *steps)
    assert [shown["steps"][place][0]["value"] for place in (1, 3)] == [True, False]
    assert statuses(shown) == [200, 200]
    assert shown["calls"][0]["etag"] != shown["calls"][1]["etag"]


def test_web_client__etag__the_same_at_edge_and_origin(environment: Environment) -> None:
    tags = {
        drive(base_url, environment.keys.client, {"set": ADA})["calls"][0]["etag"]
        for base_url in (environment.edge, environment.origin)
    }
    assert len(tags) == 1


def test_web_client__unknown_hidden_or_other_type__error_and_default(environment: Environment, side: Side) -> None:
    questions = [["Boolean", "no-such-flag", True], ["Boolean", "hidden", False], ["Boolean", "text-static", True]]
    shown = drive(environment.side(side), environment.keys.client, {"set": ADA}, {"ask": questions})
    codes = [(got["value"], got["errorCode"]) for got in shown["steps"][1]]
    assert codes == [(True, "FLAG_NOT_FOUND"), (False, "FLAG_NOT_FOUND"), (True, "TYPE_MISMATCH")]


def test_web_client__no_targeting_key__only_flags_that_need_it_fail(environment: Environment, side: Side) -> None:
    questions = [["Boolean", "split", False], ["Boolean", "bool-static", False]]
    shown = drive(environment.side(side), environment.keys.client, {"set": {}}, {"ask": questions})
    split, static = shown["steps"][1]
    assert (split["value"], split["errorCode"]) == (False, "TARGETING_KEY_MISSING")
    assert split["errorMessage"]
    assert (static["value"], static["reason"]) == (True, "STATIC")


@pytest.mark.parametrize("key", ["nonsense", "fh_client_production_" + "0" * 43])
def test_web_client__wrong_key__fatal(environment: Environment, side: Side, key: str) -> None:
    shown = drive(environment.side(side), key, {"set": ADA}, {"ask": [["Boolean", "bool-static", False]]})
    assert statuses(shown) == [401]
    assert shown["steps"][0]["code"] == "PROVIDER_FATAL"
    assert shown["steps"][1][0]["value"] is False


def test_web_client__hostile_strings__each_matches_itself(environment: Environment, side: Side) -> None:
    questions = [["Boolean", hostile_flag(place), False] for place in range(len(HOSTILE))]
    steps = [step for text in HOSTILE for step in ({"set": {"targetingKey": text, "text": text}}, {"ask": questions})]
    shown = drive(environment.side(side), environment.keys.client, *steps)
    for place in range(len(HOSTILE)):
        values = [got["value"] for got in shown["steps"][2 * place + 1]]
        assert values == [each == place for each in range(len(HOSTILE))]
