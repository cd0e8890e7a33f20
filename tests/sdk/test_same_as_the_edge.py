"""The SDK's answers are those of edge and origin: every behaviour case, any world, and bulk bodies byte for byte."""

import msgspec
import pytest
from hypothesis import given, settings

from shared.answers import Call, Standing, answer, hold, read
from shared.answers.keys import find_key
from shared.model import FlagSet
from shared.sdk.bulk import PageOptions, page_of
from shared.sdk.levels import Level
from shared.sdk.state import a_state
from shared.sealing import Sealer
from shared.snapshot.load import load
from shared.snapshot.manifest import Manifest
from shared.snapshot.pack import pack
from tests.case_files import Case, load_cases
from tests.in_worker.cases_worker import described, expected, identical, read_flagset
from tests.plain import evaluate_all
from tests.published import CLIENT_KEY, ENVIRONMENT, NOW_MS, SECRET, a_key_ref
from tests.sdk.making import applied, whole
from tests.shared.agreement import answers, assert_same
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
    state = a_state(Level.STREAMING, "", snapshot, 0.0)
    return page_of(state, snapshot, context, PageOptions(CLIENT_KEY, STREAM), 0.0).body


def answered_body(flagset: FlagSet, context: dict[str, object]) -> bytes:
    sealer = Sealer(SECRET, ENVIRONMENT)
    packed = pack(flagset, sealer).packed
    keys = (a_key_ref("client", CLIENT_KEY),)
    manifest = Manifest(packed.format, ENVIRONMENT, 1, 7, 0, 0, packed.shards, packed.attributes, keys, {"*": STREAM})
    held = hold(manifest, load(packed.shards, packed.blobs, sealer))
    headers = {"authorization": f"Bearer {find_key({}, {'key': CLIENT_KEY}).text}"}
    call = Call("POST", "/ofrep/v1/evaluate/flags", "", headers, b"{}")
    question = msgspec.structs.replace(read(call), context=context)
    return answer(question, held, Standing(), now_ms=NOW_MS).body
