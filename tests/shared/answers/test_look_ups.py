"""Single look-ups as exposures: what served a variation to somebody, and nothing else."""

import msgspec
import pytest

from flaghoist.answers.answering import answer
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.requests import Freshness, LookUp, Request
from tests.builders import a_flag
from tests.published import NOW_MS, SERVER_KEY, published

PATH = "/ofrep/v1/evaluate/flags/checkout"


def look_up(context: object, path: str = PATH) -> LookUp | None:
    held = published(a_flag("checkout").on(), version=7).held()
    body = msgspec.json.encode({"context": context})
    evaluation = read_evaluation(Request("POST", path, "", {"authorization": f"Bearer {SERVER_KEY}"}, body))
    return answer(evaluation, held, Freshness(), now_ms=NOW_MS).look_up


@pytest.mark.parametrize(("unit", "shown"), [("ada", "ada"), (8, "8")])
def test_look_up__served__is_told_with_unit_and_version(unit: object, shown: str) -> None:
    found = look_up({"targetingKey": unit})

    assert found is not None
    assert (found.flag, found.version, found.unit) == ("checkout", "1-7", shown)
    assert found.variant


@pytest.mark.parametrize("context", [{}, {"targetingKey": ""}, {"targetingKey": 8.0}, {"user": "ada"}])
def test_look_up__for_nobody__is_none(context: object) -> None:
    assert look_up(context) is None


def test_look_up__of_an_unknown_flag__is_none() -> None:
    assert look_up({"targetingKey": "ada"}, PATH + "-2") is None
