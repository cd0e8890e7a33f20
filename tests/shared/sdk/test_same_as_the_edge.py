"""The SDK's answers are those of edge and origin: every behaviour case, any world, and bulk bodies byte for byte."""

import msgspec
import pytest
from hypothesis import given, settings

from flaghoist.answers.answering import answer
from flaghoist.answers.serving_snapshot import prepare
from flaghoist.engine.load import load
from flaghoist.model.flags import FlagSet
from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.keys import find_key
from flaghoist.protocol.requests import Freshness, Request
from flaghoist.sdk.evaluation.page_options import PageOptions
from flaghoist.sdk.evaluation.pages import page_of
from flaghoist.sdk.snapshot.levels import Level
from flaghoist.sdk.snapshot.state import make_state
from flaghoist.snapshot.manifest import Manifest
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import Sealer
from tests.case_files import Case, load_cases
from tests.in_worker.cases_worker import described, expected, identical, read_flagset
from tests.plain import evaluate_all
from tests.published import CLIENT_KEY, ENVIRONMENT, NOW_MS, SECRET, a_key_ref
from tests.shared.agreement import answers, assert_same
from tests.shared.sdk.making import applied, whole
from tests.strategies import World, worlds

STREAM = "https://flags.example.com/v1/stream"


# Assignments travel in signed contexts, which edge and origin read and processes do not.
CASES = [pytest.param(case, id=case["id"]) for case in load_cases() if "sticky" not in case]


@pytest.mark.parametrize("case", CASES)
def test_snapshot__case__as_expected(case: Case) -> None:
    snapshot = applied(whole(read_flagset(case)))
    got = described(snapshot.engine.evaluate(case["flag"], case["context"]))
    assert identical(got, expected(case)), f"{case['why']}: expected {expected(case)}, got {got}"


@settings(max_examples=150)
@given(world=worlds())
def test_snapshot__any_world__equals_the_plain_evaluator(world: World) -> None:
    snapshot = applied(whole(read_flagset(world.flagset)))
    for context in world.contexts:
        got = answers(snapshot.engine.evaluate_all(context, client_only=False))
        assert_same(got, evaluate_all(world.flagset, context), world, context)


@settings(max_examples=150)
@given(world=worlds())
def test_page__any_world__is_the_body_that_edge_and_origin_answer(world: World) -> None:
    flagset = read_flagset(world.flagset)
    for context in world.contexts:
        assert page_body(flagset, context) == answered_body(flagset, context)


def page_body(flagset: FlagSet, context: dict[str, object]) -> bytes:
    snapshot = applied(whole(flagset, "1-7"))
    state = make_state(Level.STREAMING, "", snapshot, 0.0)
    return page_of(state, snapshot, context, PageOptions(CLIENT_KEY, STREAM), 0.0).body


def answered_body(flagset: FlagSet, context: dict[str, object]) -> bytes:
    sealer = Sealer(SECRET, ENVIRONMENT)
    packed = pack(flagset, sealer).packed
    keys = (a_key_ref("client", CLIENT_KEY),)
    manifest = Manifest(packed.format, ENVIRONMENT, 1, 7, 0, 0, packed.shards, packed.attributes, keys, {"*": STREAM})
    serving = prepare(manifest, load(packed.shards, packed.blobs, sealer))
    headers = {"authorization": f"Bearer {find_key({}, {'key': CLIENT_KEY}).text}"}
    call = Request("POST", "/ofrep/v1/evaluate/flags", "", headers, b"{}")
    evaluation = msgspec.structs.replace(read_evaluation(call), context=context)
    return answer(evaluation, serving, Freshness(), now_ms=NOW_MS).body
