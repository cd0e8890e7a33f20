"""What a page declares to have used, as far as it was there for its visitor."""

import msgspec
import pytest

from flaghoist.protocol.requests import LookUp, Response
from flaghoist_edge.pages.declarations import MOST_DECLARED, look_ups
from flaghoist_edge.pages.evaluations import Evaluated

FLAGS = [
    {"key": "a", "value": 1, "reason": "STATIC", "variant": "one", "metadata": {"flagVersion": 1}},
    {"key": "b", "value": 2, "reason": "SPLIT", "variant": "two", "metadata": {"flagVersion": 1}},
    {"key": "failed", "errorCode": "TARGETING_KEY_MISSING", "errorDetails": "…"},
]


def evaluated(flags: object = FLAGS, unit: str = "ada") -> Evaluated:
    body = msgspec.json.encode({"flags": flags, "metadata": {"version": "1-7", "level": 0}})
    return Evaluated(Response(200, {}, body), {"targetingKey": unit})


@pytest.mark.parametrize(
    ("declared", "keys"),
    [
        ("a", ["a"]),
        (" b ,a\n", ["b", "a"]),
        ("a a,a", ["a"]),
        ("", []),
        ("unknown failed a", ["a"]),
        ("A", []),
    ],
)
def test_declared__flags_that_were_there__were_used_once(declared: str, keys: list[str]) -> None:
    assert [found.flag for found in look_ups(evaluated(), declared)] == keys


def test_declared__flag__was_used_as_it_was_answered() -> None:
    assert look_ups(evaluated(), "b") == (LookUp("b", "two", "1-7", "ada"),)


def test_declared__by_nobody__counts_for_nothing() -> None:
    assert look_ups(evaluated(unit=""), "a b") == ()


def test_declared__more_than_is_believed__is_cut() -> None:
    keys = [f"flag-{number}" for number in range(MOST_DECLARED + 1)]
    found = look_ups(evaluated([{"key": key, "variant": "on"} for key in keys]), " ".join(keys))
    assert [each.flag for each in found] == keys[:MOST_DECLARED]


def test_declared__beside_an_answer_that_cannot_be_read__counts_for_nothing() -> None:
    assert look_ups(Evaluated(Response(200, {}, b"<html>"), {"targetingKey": "ada"}), "a") == ()
    assert look_ups(Evaluated(None, {"targetingKey": "ada"}), "a") == ()
