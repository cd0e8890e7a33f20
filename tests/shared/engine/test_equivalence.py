"""The compiled engine against the plain evaluator, over random valid flag sets and contexts.

The plain evaluator reads documents; the engine reads shards that were packed from them. They must agree in variation,
value, reason, error code and metadata, for every flag, whatever the engine folded, sealed, cached or shared.
"""

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.engine.load import load, missing
from flaghoist.explain import Explanation, explain
from flaghoist.model.context import look_up
from flaghoist.snapshot.pack import pack
from tests.in_worker.cases_worker import described, identical, read_flagset
from tests.plain import evaluate, evaluate_all
from tests.shared.agreement import SEALER, answers, assert_same, engine_of
from tests.strategies import World, flagsets, single_clauses, worlds
from tests.strategies.pools import FLAG_KEYS

IN_CI = settings.get_current_profile_name() == "ci"

# Equivalence is what everything rests on, so it gets more examples than other properties where time allows.
thoroughly = settings(max_examples=5_000 if IN_CI else 300)
briefly = settings(max_examples=100)


@thoroughly
@given(world=worlds())
def test_engine__all_flags__equal_the_plain_evaluator(world: World) -> None:
    engine, _ = engine_of(read_flagset(world.flagset))
    for context, client_only in product(world.contexts, (False, True)):
        got = engine.evaluate_all(context, client_only=client_only, sticky=world.sticky)
        wanted = evaluate_all(world.flagset, context, client_only=client_only, sticky=world.sticky)
        assert_same(answers(got), wanted, world, context)


@thoroughly
@given(world=single_clauses())
def test_engine__one_clause_per_flag__equals_the_plain_evaluator(world: World) -> None:
    engine, _ = engine_of(read_flagset(world.flagset))
    for context in world.contexts:
        got = engine.evaluate_all(context, client_only=False)
        assert_same(answers(got), evaluate_all(world.flagset, context), world, context)


@briefly
@given(world=worlds())
def test_engine__one_flag__equals_the_plain_evaluator(world: World) -> None:
    engine, _ = engine_of(read_flagset(world.flagset))
    for context in world.contexts:
        got = {key: described(engine.evaluate(key, context, sticky=world.sticky)) for key in FLAG_KEYS}
        wanted = {key: evaluate(world.flagset, key, context, sticky=world.sticky) for key in FLAG_KEYS}
        assert_same(got, wanted, world, context)


@briefly
@given(world=worlds())
def test_engine__one_flag_for_clients__is_found_when_visible(world: World) -> None:
    engine, _ = engine_of(read_flagset(world.flagset))
    [context, *_] = world.contexts
    visible = evaluate_all(world.flagset, context, client_only=True, sticky=world.sticky)
    hidden = evaluate(world.flagset, "no-such-flag", context)
    for key in FLAG_KEYS:
        got = described(engine.evaluate(key, context, client_only=True, sticky=world.sticky))
        assert identical(got, visible.get(key, hidden)), key


@briefly
@given(world=worlds())
def test_explain__any_flag__equals_the_plain_evaluator(world: World) -> None:
    flagset = read_flagset(world.flagset)
    for context in world.contexts:
        explained = {key: explain(flagset, key, context, world.sticky) for key in FLAG_KEYS}
        got = {key: _answer(explanation) for key, explanation in explained.items()}
        wanted = {key: evaluate(world.flagset, key, context, sticky=world.sticky) for key in FLAG_KEYS}
        assert_same(got, wanted, world, context)
        assert all(explanation.steps for explanation in explained.values())


@briefly
@given(world=worlds())
def test_engine__same_question_twice__same_outcome_objects(world: World) -> None:
    engine, _ = engine_of(read_flagset(world.flagset))
    [context, *_] = world.contexts
    first = engine.evaluate_all(context, client_only=False, sticky=world.sticky)
    second = engine.evaluate_all(context, client_only=False, sticky=world.sticky)
    assert all(one is other for one, other in zip(first, second, strict=True))


@briefly
@given(world=worlds())
def test_attributes__context_projected_on_them__changes_no_answer(world: World) -> None:
    engine, attributes = engine_of(read_flagset(world.flagset))
    for context in world.contexts:
        projected = {name: look_up(context, name) for name in attributes}
        got = engine.evaluate_all(projected, client_only=False, sticky=world.sticky)
        wanted = engine.evaluate_all(context, client_only=False, sticky=world.sticky)
        assert_same(answers(got), answers(wanted), world, context)


@briefly
@given(world=worlds(), other=flagsets(), is_whole=st.booleans(), changed=st.integers(0, len(FLAG_KEYS) - 1))
def test_repack__after_a_change__equals_a_fresh_one(world: World, other: Any, is_whole: bool, changed: int) -> None:
    before = read_flagset(world.flagset)
    document = other if is_whole else _with_one_flag_changed(world.flagset, changed)
    after = read_flagset(document)

    packing = pack(before, SEALER)
    loaded = load(packing.packed.shards, packing.packed.blobs, SEALER)
    repacked, fresh = pack(after, SEALER, packing).packed, pack(after, SEALER).packed
    assert repacked == fresh

    fetched = {name: repacked.blobs[name] for name in missing(repacked.shards, loaded)}
    reloaded = load(repacked.shards, fetched, SEALER, loaded).engine
    for context in world.contexts:
        got = reloaded.evaluate_all(context, client_only=False, sticky=world.sticky)
        assert_same(answers(got), evaluate_all(document, context, sticky=world.sticky), world, context)


def _answer(explanation: Explanation) -> dict[str, Any]:
    return {
        "variation": explanation.variation,
        "value": explanation.value,
        "reason": explanation.reason,
        "errorCode": explanation.error_code,
        "metadata": dict(explanation.metadata),
    }


def _with_one_flag_changed(flagset: dict[str, Any], place: int) -> dict[str, Any]:
    """Return the flag set with one flag switched, salted anew and stripped of what leads elsewhere."""
    key = list(flagset["flags"])[place % len(flagset["flags"])]
    flag = {**flagset["flags"][key], "salt": "another", "on": not flagset["flags"][key]["on"], "prerequisites": []}
    return {**flagset, "flags": {**flagset["flags"], key: flag}}
