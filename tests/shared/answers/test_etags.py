"""ETags: equal exactly when answers are, known before evaluation."""

from collections.abc import Mapping
from typing import NoReturn

import pytest

from flaghoist.answers.etags import is_listed
from flaghoist.answers.serving_snapshot import ServingSnapshot, prepare
from flaghoist.engine.engine import Engine
from flaghoist.engine.load import LoadedSnapshot
from flaghoist.model.context import Context
from flaghoist.model.flags import JsonValue
from flaghoist.model.outcome import Outcome
from flaghoist.rules.views import View
from flaghoist.snapshot.sealing import Sealer
from tests.builders import a_clause, a_flag
from tests.published import CLIENT_KEY, ENVIRONMENT, SECRET, SERVER_KEY, Published, published
from tests.shared.answers.asking import BOOTSTRAP, BULK, ask

READER = a_flag("reader").on().client_visible()
SNAPSHOT = published(
    READER.rule("by-plan", a_clause("plan", "in", "pro"), serve="on").rule(
        "by-country", a_clause("edge.country", "in", "DE"), serve="on"
    )
)


class EvaluatesNothing(Engine):
    """An engine whose every evaluation is a failure of the test."""

    def evaluate(self, *_: object, **__: object) -> Outcome:
        raise AssertionError("evaluated")

    def evaluate_all(self, context: Context, **_: object) -> NoReturn:
        raise AssertionError("evaluated")

    def render_all(self, context: Context, view: View, *_: object, **__: object) -> NoReturn:
        raise AssertionError("evaluated")


def etag_of(
    snapshot: Published = SNAPSHOT,
    context: Mapping[str, JsonValue] | None = None,
    *,
    path: str = BOOTSTRAP,
    key: str = CLIENT_KEY,
    query: str = "",
    edge: Mapping[str, JsonValue] | None = None,
) -> str:
    response = ask(snapshot.held(), path, context, key=key, query=query, edge=edge)
    assert response.status == 200
    return response.headers["ETag"]


def test_etag__form__is_strong_and_quoted() -> None:
    etag = etag_of()
    assert etag.startswith('"')
    assert etag.endswith('"')
    assert len(etag) == 34


def test_etag__what_no_flag_reads__leaves_it() -> None:
    assert etag_of(context={"targetingKey": "ada"}) == etag_of(context={"theme": "dark"}) == etag_of()
    assert etag_of(edge={"edge.city": "Berlin"}) == etag_of()
    assert etag_of(SNAPSHOT.but(confirmed_at_ms=5, keys=SNAPSHOT.manifest.keys[:1])) == etag_of()
    assert etag_of(context={"plan": None}) == etag_of()


def test_etag__whatever_may_change_the_answer__changes_it() -> None:
    etags = [
        etag_of(),
        etag_of(context={"plan": "pro"}),
        etag_of(context={"plan": ["pro"]}),
        etag_of(context={"plan": {"pro": 1}}),
        etag_of(edge={"edge.country": "DE"}),
        etag_of(key=SERVER_KEY),
        etag_of(query="format=values"),
        etag_of(query="format=js"),
        etag_of(query="format=launchdarkly"),
        etag_of(path=BULK),
        etag_of(SNAPSHOT.but(version=2)),
        etag_of(SNAPSHOT.but(epoch=2)),
        etag_of(published(READER)),
    ]
    assert len(set(etags)) == len(etags)


def test_etag__order_of_members__does_not_matter() -> None:
    one = {"plan": {"a": 1, "b": 2}}
    other = {"plan": {"b": 2, "a": 1}}
    assert etag_of(context=one) == etag_of(context=other)


def test_etag__bootstrap_in_ofrep_format__is_that_of_the_bulk_answer() -> None:
    assert etag_of(query="format=ofrep") == etag_of(path=BULK)


def test_single_answer__has_no_etag() -> None:
    assert "ETag" not in ask(SNAPSHOT.held(), f"{BULK}/reader").headers


def unevaluating() -> ServingSnapshot:
    held = SNAPSHOT.held()
    engine = EvaluatesNothing((), {}, Sealer(SECRET, ENVIRONMENT))
    return prepare(held.manifest, LoadedSnapshot(engine, held.loaded.parts))


@pytest.mark.parametrize("listed", ["{0}", "W/{0}", '"other", {0}', 'W/"other",W/{0}'])
def test_if_none_match__that_lists_the_etag__answers_304_before_evaluation(listed: str) -> None:
    headers = {"if-none-match": listed.format(etag_of(path=BULK))}
    response = ask(unevaluating(), BULK, headers=headers)
    assert (response.status, response.body) == (304, b"")
    assert response.headers["ETag"] == etag_of(path=BULK)
    assert response.headers["Flaghoist-Version"] == "1-1"
    assert response.headers["Flaghoist-Level"] == "0"


@pytest.mark.parametrize("listed", ["", "*", '"other"', "{0}x", 'W/"", "'])
def test_if_none_match__that_does_not__answers_200(listed: str) -> None:
    bare = etag_of(path=BULK).strip('"')
    assert ask(SNAPSHOT.held(), BULK, headers={"if-none-match": listed.format(bare)}).status == 200


def test_if_none_match__caller_expects_another_configuration__answers_200() -> None:
    headers = {"if-none-match": etag_of(path=BULK)}
    assert ask(SNAPSHOT.held(), BULK, headers=headers, query="flagConfigEtag=1-1").status == 304
    assert ask(SNAPSHOT.held(), BULK, headers=headers, query="flagConfigEtag=1-9").status == 200
    assert ask(SNAPSHOT.held(), BULK, headers=headers, query="flagConfigEtag=x").status == 200


def test_is_listed__quoted_comma__does_not_split_a_tag() -> None:
    assert not is_listed('"b"', '"a,b"')
