"""OpenFeature's contexts as ours: what JSON has stays, what stands for it is converted, the rest is refused."""

from datetime import UTC, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from typing import Any

import pytest
from openfeature.evaluation_context import EvaluationContext

from flaghoist.errors import InputError
from flaghoist.limits import CONTEXT_ATTRIBUTES, CONTEXT_DEPTH
from flaghoist.sdk.evaluation.contexts import context_of


class Plan(StrEnum):
    PRO = "pro"


class Tier(IntEnum):
    GOLD = 3


class Colour(str, Enum):  # noqa: UP042 - as older code has it: its str() is not its value
    RED = "red"


def converted(value: Any) -> Any:
    return context_of(EvaluationContext("ada", {"x": value}))["x"]


def nested(depth: int) -> dict[str, Any]:
    return {"x": nested(depth - 1)} if depth > 1 else {"x": 1}


def test_context__none__is_empty() -> None:
    assert context_of(None) == context_of(EvaluationContext()) == {}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (EvaluationContext("ada", {"plan": "pro"}), {"targetingKey": "ada", "plan": "pro"}),
        (EvaluationContext("ada", {"targetingKey": "eve"}), {"targetingKey": "ada"}),
        (EvaluationContext(None, {"targetingKey": "eve"}), {"targetingKey": "eve"}),
        (EvaluationContext("", {"targetingKey": "eve"}), {"targetingKey": "eve"}),
        (
            EvaluationContext("ada", {"edge": {"country": "de"}, "edge.country": "de", "edges": 1}),
            {"targetingKey": "ada", "edges": 1},
        ),
    ],
)
def test_context__targeting_key_and_attributes__become_one_object(
    given: EvaluationContext, wanted: dict[str, object]
) -> None:
    assert context_of(given) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (datetime(2026, 11, 23, 8, tzinfo=UTC), "2026-11-23T08:00:00+00:00"),
        (datetime(2026, 11, 23, 8, tzinfo=timezone(timedelta(hours=2))), "2026-11-23T08:00:00+02:00"),
        (datetime(2026, 11, 23, 8), "2026-11-23T08:00:00"),
        (("a", 1, None), ["a", 1, None]),
        ({"a": (1, {"b": Plan.PRO})}, {"a": [1, {"b": "pro"}]}),
        (Tier.GOLD, 3),
        (Colour.RED, "red"),
        (True, True),
        (None, None),
    ],
    ids=str,
)
def test_context__value_that_stands_for_json__is_converted(value: object, wanted: object) -> None:
    got = converted(value)
    assert got == wanted
    assert type(got) is type(wanted)


@pytest.mark.parametrize(
    "value",
    [object(), b"bytes", {1, 2}, ["a", object()], {"a": 1j}],
    ids=["object", "bytes", "set", "object in a list", "complex number in an object"],
)
def test_context__value_that_is_no_json__is_refused_with_its_path(value: object) -> None:
    with pytest.raises(InputError, match=r"is not JSON.* at \$\.context\.x"):
        converted(value)


def test_context__name_that_is_no_text__is_refused() -> None:
    attributes: Any = {1: "one"}
    with pytest.raises(InputError, match="attribute names are text"):
        context_of(EvaluationContext("ada", attributes))


def test_context__as_deep_as_allowed__is_taken() -> None:
    assert converted(nested(CONTEXT_DEPTH.value - 1))


@pytest.mark.parametrize("make", [nested, lambda depth: (nested(depth - 1),)], ids=["objects", "tuple"])
def test_context__deeper_than_allowed__is_refused(make: Any) -> None:
    with pytest.raises(InputError, match="context_depth is limited to 6"):
        converted(make(CONTEXT_DEPTH.value))


def test_context__that_holds_itself__is_refused() -> None:
    endless: list[Any] = [()]
    endless.append(endless)
    with pytest.raises(InputError, match="context_depth"):
        converted(endless)


@pytest.mark.parametrize("count", [CONTEXT_ATTRIBUTES.value, CONTEXT_ATTRIBUTES.value + 1])
def test_context__many_attributes__are_limited(count: int) -> None:
    given = EvaluationContext(None, {f"a{number}": number for number in range(count)})
    if count <= CONTEXT_ATTRIBUTES.value:
        assert len(context_of(given)) == count
        return
    with pytest.raises(InputError, match="context_attributes is limited to 200, here 201"):
        context_of(given)
