"""Answers that are kept: found again for the same request alone, within their bound."""

from itertools import product

from flaghoist.answers.body_cache import REMEMBERED_NAMES, BodyCache, Render
from flaghoist.answers.serving_snapshot import ServingSnapshot, prepare
from flaghoist.bounded_cache import OVERHEAD_BYTES
from flaghoist.engine.engine import Engine
from flaghoist.engine.load import LoadedSnapshot
from flaghoist.snapshot.sealing import Sealer
from tests.builders import a_clause, a_flag
from tests.published import CLIENT_KEY, ENVIRONMENT, SECRET, SERVER_KEY, published
from tests.shared.answers.asking import BOOTSTRAP, BULK, ask

KEYS = (CLIENT_KEY, SERVER_KEY)
SNAPSHOT = published(a_flag("reader").on().client_visible().rule("r", a_clause("plan", "in", "pro"), serve="on"))


def renders(text: bytes) -> Render:
    return lambda before, after: before + text + after


def renders_nothing(_before: bytes, _after: bytes) -> bytes:
    raise AssertionError("rendered though it was kept")


def ask_twice(kept: BodyCache, etag: str, text: bytes) -> None:
    for _ in range(2):
        assert kept.obtain(etag, "view", renders(text)) == text


def test_obtain__asked_twice__is_kept_from_then_on() -> None:
    kept = BodyCache()
    ask_twice(kept, "etag", b"first")
    assert kept.obtain("etag", "view", renders_nothing) == b"first"
    assert kept.obtain("etag", "other", renders(b"second")) == b"second"


def test_obtain__between_two_texts__keeps_neither() -> None:
    kept = BodyCache()
    for before, after in ((b"<", b">"), (b"(", b")"), (b"[", b"]"), (b"", b"")):
        assert kept.obtain("etag", "view", renders(b"text"), before, after) == before + b"text" + after


def test_obtain__asked_once__keeps_nothing() -> None:
    kept = BodyCache()
    for number in range(2 * REMEMBERED_NAMES):
        kept.obtain(str(number), "view", renders(b"text"))
    assert len(kept) == 0


def test_obtain__more_than_fits__forgets_the_oldest() -> None:
    kept = BodyCache(2 * (OVERHEAD_BYTES + 100))
    for number in range(10):
        ask_twice(kept, str(number), bytes(100))
    assert len(kept) == 2
    assert kept.obtain("9", "view", renders_nothing) == bytes(100)
    assert kept.obtain("0", "view", renders(b"again")) == b"again"


def test_obtain__answer_larger_than_the_bound__is_given_and_not_kept() -> None:
    kept = BodyCache(100)
    ask_twice(kept, "etag", bytes(1_000))
    assert len(kept) == 0


def test_answer__same_user_again__evaluates_nothing() -> None:
    held = SNAPSHOT.held()
    first = [ask(held, BULK, {"plan": "pro"}).body for _ in range(2)][-1]
    empty = prepare(held.manifest, LoadedSnapshot(Engine((), {}, Sealer(SECRET, ENVIRONMENT)), held.loaded.parts), held)
    assert ask(empty, BULK, {"plan": "pro", "unread": 1}).body == first
    assert b'"flags":[]' in ask(empty, BULK, {"plan": "free"}).body


def test_answer__other_scope_format_or_context__is_its_own() -> None:
    held = SNAPSHOT.held()
    asked = 3 * list(product(("flaghoist", "ofrep", "launchdarkly", "values", "js"), ("pro", "free"), KEYS))
    assert [_body(held, *each) for each in asked] == [_body(SNAPSHOT.held(), *each) for each in asked]


def _body(held: ServingSnapshot, format: str, plan: str, key: str) -> bytes:
    return ask(held, BOOTSTRAP, {"plan": plan}, query=f"format={format}", key=key).body
