"""Edits under random documents: refused as input, or committed in a form that compiles and reads back as itself."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.errors import Conflict, InputError
from flaghoist.limits import WRITE_BODY_BYTES
from flaghoist.model.flags import FlagSet
from flaghoist.snapshot.sealing import Sealer
from flaghoist.text import strict_json
from flaghoist_origin.control.edits import Place, put, read_document
from flaghoist_origin.control.preconditions import Preconditions, Tags
from flaghoist_origin.control.replacement import replace_all
from flaghoist_origin.serving.compiling import compile_flagset
from flaghoist_origin.storage.database.records import Collection, EnvironmentRecord, Marks
from tests.builders import a_flag, a_flagset, a_group, a_segment

ANY = Preconditions(if_match=Tags(is_any=True))
SEALER = Sealer(b"a secret for tests", "production")
RECORD = EnvironmentRecord(
    "production", Marks(1, 1, 0), 0, a_flagset(a_flag("api").on(), a_segment("staff"), a_group("exclusive"))
)
CLAUSE = {"attribute": "plan", "op": "in", "values": ["pro", 1, 1.5, True], "negate": False}
WEIGHT = {"variation": "on", "weight": 100_000}
FLAG: dict[str, Any] = {
    "variations": {"on": {"deep": [1, {"a": None}]}, "off": {}},
    "off_variation": "off",
    "fallthrough": {"rollout": {"by": "plan", "weights": [WEIGHT], "salt": "s", "algorithm": "sha256"}},
    "type": "object",
    "on": True,
    "salt": "salt",
    "prerequisites": [{"flag": "api", "variations": ["on"]}],
    "targets": [{"variation": "on", "keys": ["ada", 7]}],
    "rules": [{"id": "r", "clauses": [CLAUSE], "serve": {"variation": "on"}}],
    "client_visible": True,
    "consistency": "strong",
    "sticky": True,
    "group": {"key": "exclusive", "range": [0, 10]},
    "description": "d",
    "tags": ["a"],
    "owner": "o",
    "temporary": True,
    "archived": False,
    "version": 3,
}
SEGMENT: dict[str, Any] = {"included": ["ada", 7], "excluded": ["bob"], "rules": [[CLAUSE]], "description": "d"}
GROUP: dict[str, Any] = {"salt": "s", "description": "d"}
KEYS = ("", "on", "off", "api", "staff", "exclusive", "x" * 600, "\u2028")
MEANINGS = ("in", "matches", "(a+)+", "cidr", "10.0.0.0/8", "in_segment", "1.2.3", "boolean", "float", "eventual")
ALGORITHMS = ("launchdarkly", "growthbook", "unleash", "flagd", "mix")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([*KEYS, *MEANINGS, *ALGORITHMS]),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8),
)
NAMES = st.sampled_from([*FLAG, *CLAUSE, "x"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a JSON tree but its root."""
    children: list[tuple[Any, Any]] = []
    if isinstance(tree, dict):
        children = list(tree.items())
    elif isinstance(tree, list):
        children = list(enumerate(tree))
    return [path for name, child in children for path in ((*at, name), *places(child, (*at, name)))]


def changed(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of ``tree`` with ``value`` at ``path``."""
    copy = json.loads(json.dumps(tree))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy


CASES: tuple[tuple[Collection, dict[str, Any]], ...] = (("flags", FLAG), ("segments", SEGMENT), ("groups", GROUP))


@pytest.mark.parametrize(("collection", "document"), CASES)
@given(data=st.data())
def test_put__document_with_one_random_value__refused_or_reads_back_as_itself(
    collection: Collection, document: dict[str, Any], data: st.DataObject
) -> None:
    body = changed(document, data.draw(st.sampled_from(places(document))), data.draw(VALUES))
    place = Place(collection, "changed")
    try:
        change = put(RECORD, place, read_document(place, body), Preconditions())
    except (InputError, Conflict):
        return
    after = EnvironmentRecord("production", RECORD.marks, 0, change.flagset)
    told = strict_json.decode(strict_json.encode(change.entities[0].after), max_bytes=WRITE_BODY_BYTES)

    compiled = compile_flagset(change.flagset, SEALER, None)
    assert not put(after, place, read_document(place, told), ANY).entities
    for context in ({}, {"targetingKey": "ada", "plan": "pro"}, {"plan": [1, None, {"a": 1}]}):
        compiled.loaded.engine.evaluate_all(context, client_only=False)


@pytest.mark.parametrize(("collection", "document"), CASES)
def test_put__the_document_itself__is_valid(collection: Collection, document: dict[str, Any]) -> None:
    place = Place(collection, "changed")

    assert put(RECORD, place, read_document(place, document), Preconditions()).entities


def test_replace_all__what_is_there__changes_nothing() -> None:
    assert not replace_all(RECORD, RECORD.flagset, ANY).entities


def test_replace_all__nothing__removes_everything() -> None:
    change = replace_all(RECORD, FlagSet(), ANY)

    assert {entity.action for entity in change.entities} == {"removed"}
    assert change.flagset == FlagSet()
