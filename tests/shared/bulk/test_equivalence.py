"""All flags as bytes against the plain evaluator and against the engine's own closures, over random worlds.

An answer is read back as JSON and compared flag by flag with the plain evaluator; and every view is compared byte by
byte with the fragments of outcomes that were evaluated one by one.
"""

import json
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.answers.fragments import LAUNCHDARKLY_STATES, MEMBERS, OFREP_ITEMS, SCRIPT_MEMBERS, VALUES
from flaghoist.bulk import conditions
from flaghoist.engine.engine import Engine
from flaghoist.engine.load import load, missing
from flaghoist.snapshot.pack import pack
from tests.in_worker.cases_worker import read_flagset
from tests.plain import evaluate_all
from tests.shared.agreement import SEALER, assert_same, engine_of
from tests.shared.bulk.test_large_flagsets import copied
from tests.strategies import World, flagsets, single_clauses, worlds

IN_CI = settings.get_current_profile_name() == "ci"
VIEWS = (*OFREP_ITEMS.values(), *MEMBERS.values(), *SCRIPT_MEMBERS.values(), VALUES, LAUNCHDARKLY_STATES)
MANY = 30

thoroughly = settings(max_examples=1_500 if IN_CI else 300)
briefly = settings(max_examples=100)
rarely = settings(max_examples=20)


@thoroughly
@given(world=worlds())
def test_render_all__any_world__equals_the_plain_evaluator(world: World) -> None:
    engine, _ = engine_of(read_flagset(world.flagset))
    for context, client_only in product(world.contexts, (False, True)):
        wanted = evaluate_all(world.flagset, context, client_only=client_only)
        assert_same(rendered(engine, context, client_only=client_only), wanted, world, context)


@thoroughly
@given(world=single_clauses())
def test_render_all__one_clause_per_flag__equals_the_plain_evaluator(world: World) -> None:
    engine, _ = engine_of(read_flagset(world.flagset))
    for context in world.contexts:
        assert_same(rendered(engine, context), evaluate_all(world.flagset, context), world, context)


@thoroughly
@given(one=single_clauses(), two=single_clauses(), three=single_clauses())
def test_render_all__rules_of_several_clauses__equal_the_plain_evaluator(one: World, two: World, three: World) -> None:
    drawn = zip(*(world.flagset["flags"].values() for world in (one, two, three)), strict=True)
    flagset = {**one.flagset, "flags": {f"flag-{number}": _merged(*each) for number, each in enumerate(drawn)}}
    engine, _ = engine_of(read_flagset(flagset))
    for context in (*one.contexts, *two.contexts, *one.contexts):
        assert_same(rendered(engine, context), evaluate_all(flagset, context), one, context)


@briefly
@given(world=worlds(), view=st.sampled_from(VIEWS), client_only=st.booleans())
def test_render_all__any_view__is_the_fragments_of_all_outcomes(world: World, view: Any, client_only: bool) -> None:
    engine, _ = engine_of(read_flagset(world.flagset))
    for context, sticky in product(world.contexts, (world.sticky, {})):
        outcomes = engine.evaluate_all(context, client_only=client_only, sticky=sticky)
        assert engine.render_all(context, view, client_only=client_only, sticky=sticky) == view.join(outcomes)


@rarely
@given(world=worlds())
def test_render_all__flags_in_many_shards__equal_the_plain_evaluator(world: World) -> None:
    document = copied(world.flagset, MANY)
    engine, _ = engine_of(read_flagset(document))
    for context in world.contexts:
        assert_same(rendered(engine, context), evaluate_all(document, context), world, context)


@rarely
@given(world=worlds())
def test_render_all__sets_that_are_kept_or_not__give_the_same(world: World) -> None:
    engine, _ = engine_of(read_flagset(world.flagset))
    first = [rendered(engine, context) for context in world.contexts]
    again = [rendered(engine, context) for context in world.contexts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conditions, "LEAST_KEPT", 0)
        patch.setattr(conditions, "KEPT_BYTES", 0)
        patch.setattr(conditions, "BYTES_PER_RULE", 0)
        forgetful, _ = engine_of(read_flagset(world.flagset))
        assert [rendered(forgetful, context) for context in world.contexts] == first == again


@briefly
@given(world=worlds(), other=flagsets())
def test_render_all__after_a_change__equals_the_plain_evaluator(world: World, other: Any) -> None:
    packing = pack(read_flagset(world.flagset), SEALER)
    loaded = load(packing.packed.shards, packing.packed.blobs, SEALER)
    [first, *_] = world.contexts
    rendered(loaded.engine, first)

    changed = pack(read_flagset(other), SEALER, packing).packed
    fetched = {name: changed.blobs[name] for name in missing(changed.shards, loaded)}
    engine = load(changed.shards, fetched, SEALER, loaded).engine
    assert engine.sheets == loaded.engine.sheets
    for context in world.contexts:
        assert_same(rendered(engine, context), evaluate_all(other, context), world, context)


def rendered(engine: Engine, context: Mapping[str, object], *, client_only: bool = False) -> dict[str, Any]:
    """Return what the OFREP items of all flags say, by key, in the shape of the plain evaluator's answers."""
    items = json.loads(b"[%b]" % engine.render_all(context, OFREP_ITEMS["server"], client_only=client_only))
    return {item["key"]: _answer(item) for item in items}


def _answer(item: dict[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in item.get("metadata", {}).items() if name != "flagVersion"}
    return {
        "variation": item.get("variant"),
        "value": item.get("value"),
        "reason": item.get("reason", "ERROR"),
        "errorCode": item.get("errorCode"),
        "metadata": metadata,
    }


def _merged(*flags: dict[str, Any]) -> dict[str, Any]:
    """Return a flag with a rule of all clauses, and then one rule for each."""
    clauses = [flag["rules"][0]["clauses"][0] for flag in flags]
    return {**flags[0], "rules": [_rule("every", clauses), *(_rule(f"r{n}", [each]) for n, each in enumerate(clauses))]}


def _rule(id: str, clauses: list[Any]) -> dict[str, Any]:
    return {"id": id, "clauses": clauses, "serve": {"variation": "held"}}
