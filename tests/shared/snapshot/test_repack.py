"""Packing again after one change gives what packing afresh gives, whatever the change."""

from typing import Any

import pytest

from flaghoist.snapshot.pack import pack
from tests.in_worker.cases_worker import described, read_flagset
from tests.shared.agreement import SEALER, engine_of

Document = dict[str, Any]


def a_document(*, value: object = 1, wanted: object = 1, listed: object = 1, group_salt: str = "g") -> Document:
    """Return a flag set whose object value, clause value, segment clause value and group salt are given."""
    served = {"variation": "v"}
    rules = [
        {"id": "r1", "clauses": [{"attribute": "x", "op": "in", "values": [wanted]}], "serve": served},
        {"id": "r2", "clauses": [{"op": "in_segment", "values": ["s"]}], "serve": served},
    ]
    flag = {
        "on": True,
        "variations": {"v": {"enabled": value}, "w": {}},
        "off_variation": "w",
        "rules": rules,
        "group": {"key": "g", "range": [0, 100_000]},
        "fallthrough": {"variation": "w"},
    }
    segment = {"rules": [[{"attribute": "y", "op": "in", "values": [listed]}]]}
    return {"flags": {"f": flag}, "segments": {"s": segment}, "groups": {"g": {"salt": group_salt}}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(a_document(value=1), a_document(value=True), id="a number in a value becomes a boolean"),
        pytest.param(a_document(value=0), a_document(value=False), id="zero in a value becomes false"),
        pytest.param(a_document(wanted=1), a_document(wanted=True), id="a number in a clause becomes a boolean"),
        pytest.param(a_document(wanted=False), a_document(wanted=0.0), id="a boolean in a clause becomes a number"),
        pytest.param(a_document(listed=1), a_document(listed=True), id="a number in a segment becomes a boolean"),
        pytest.param(a_document(group_salt="g"), a_document(group_salt="h"), id="a group is salted anew"),
        pytest.param(a_document(value="a"), a_document(value="b"), id="a text in a value changes"),
    ],
)
def test_pack__after_a_change__equals_a_fresh_one(before: Document, after: Document) -> None:
    packing = pack(read_flagset(before), SEALER)
    changed = read_flagset(after)
    fresh = pack(changed, SEALER).packed
    assert pack(changed, SEALER, packing).packed == fresh
    assert fresh.shards != packing.packed.shards


def test_pack__unchanged__keeps_every_shard() -> None:
    packing = pack(read_flagset(a_document()), SEALER)
    assert pack(read_flagset(a_document()), SEALER, packing).packed == packing.packed


def test_engine__number_and_boolean_in_a_value__stay_apart() -> None:
    for value in (1, True, 0, False):
        engine, _ = engine_of(read_flagset(a_document(value=value)))
        got = described(engine.evaluate("f", {"targetingKey": "ada", "y": 1}))
        assert got["value"]["enabled"] is value
