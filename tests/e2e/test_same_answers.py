"""Edge, origin and the plain evaluator give the same answers: values, variants, reasons, error codes, metadata."""

import json
from collections.abc import Iterator

import pytest

from tests.e2e.documents import Document, listed
from tests.e2e.environments import Environment, Scope, Side
from tests.e2e.evaluations import assert_same, expected, flag_versions, told
from tests.e2e.worlds import drawn_contexts, drawn_world

pytestmark = pytest.mark.e2e

PARTS = 12
"""So many small flag sets make one of about forty flags."""

COUNTRIES = ("de", "fr", "DE", "pro", "Beta")
ASKED: tuple[tuple[Side, Scope], ...] = (
    ("edge", "server"),
    ("edge", "client"),
    ("origin", "server"),
    ("origin", "client"),
)


@pytest.fixture
def seed(pytestconfig: pytest.Config) -> int:
    """Return the seed that the header of the run names."""
    return int(pytestconfig.getoption("--hypothesis-seed"))


def visits(count: int, seed: int) -> Iterator[tuple[Document, Document]]:
    """Yield contexts, each with what the edge says about its visitor."""
    for place, context in enumerate(drawn_contexts(count, seed)):
        yield context, {"country": COUNTRIES[place % len(COUNTRIES)]}


def hold_to(environment: Environment, documents: Document, contexts: int, seed: int) -> None:
    """Put the flags and compare all sides, for so many contexts, with the plain evaluator and with each other."""
    environment.reach(environment.replace(listed(documents)))
    versions = {flag["key"]: flag["version"] for flag in environment.snapshot()["flags"]}
    for context, cf in visits(contexts, seed):
        for side, scope in ASKED:
            about = f"{side}, {scope}, {cf}, {context}"
            said = {"edge.country": cf["country"]} if side == "edge" else {}
            answered = environment.bulk(side, scope, context, headers={"Flaghoist-Local-Cf": json.dumps(cf)})
            assert_same(told(answered), expected(documents, context, scope, said), about)
            assert flag_versions(answered).items() <= versions.items(), about


@pytest.mark.parametrize("world", range(5))
def test_bulk__random_flags_and_contexts__edge_and_origin_equal_the_plain_evaluator(
    environment: Environment, seed: int, world: int
) -> None:
    hold_to(environment, drawn_world(PARTS, seed + world), 60, seed + world)


@pytest.mark.slow
@pytest.mark.parametrize("world", range(5, 15))
def test_bulk__a_thousand_contexts__edge_and_origin_equal_the_plain_evaluator(
    environment: Environment, seed: int, world: int
) -> None:
    hold_to(environment, drawn_world(3 * PARTS, seed + world), 100, seed + world)


def test_single__every_flag__equals_its_item_in_bulk(environment: Environment, seed: int) -> None:
    documents = drawn_world(PARTS, seed)
    environment.reach(environment.replace(listed(documents)))
    [context] = drawn_contexts(1, seed)
    for side, scope in ASKED:
        for item in environment.bulk(side, scope, context).raise_for_status().json()["flags"]:
            alone = environment.single(side, scope, item["key"], context)
            metadata = {name: alone.json().get("metadata", {}).get(name) for name in item.get("metadata", {})}
            assert {**alone.json(), **({"metadata": metadata} if "metadata" in item else {})} == item
            assert alone.status_code == (400 if "errorCode" in item else 200)


def test_etag__every_context__the_same_at_edge_and_origin_and_304_at_both(environment: Environment, seed: int) -> None:
    environment.reach(environment.replace(listed(_without_edge(drawn_world(PARTS, seed)))))
    for context in drawn_contexts(20, seed):
        tags = {environment.bulk(side, scope, context).headers["ETag"]: scope for side, scope in ASKED}
        assert sorted(tags.values()) == ["client", "server"], "one tag a scope, whatever the side"
        for tag, scope in tags.items():
            for side in ("edge", "origin"):
                held = {"If-None-Match": tag}
                again = environment.bulk("edge" if side == "edge" else "origin", scope, context, headers=held)
                assert (again.status_code, again.content) == (304, b"")


def _without_edge(documents: Document) -> Document:
    """Return the flags without any that reads what the edge alone says, on which the sides rightly differ."""
    text = json.dumps(documents).replace('"edge.country"', '"country"')
    found: Document = json.loads(text)
    return found
