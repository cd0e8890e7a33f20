"""The engine at sizes that small random flag sets never reach: many shards, and lists too long for a set."""

from typing import Any

from hypothesis import given, settings

from flaghoist.engine.load import load, missing
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import LARGEST_SCAN
from tests.in_worker.cases_worker import described, identical, read_flagset
from tests.plain import evaluate_all
from tests.shared.agreement import SEALER, answers, assert_same, engine_of
from tests.strategies import World, worlds

Document = dict[str, Any]

COPIES = 120


@settings(max_examples=20)
@given(world=worlds())
def test_engine__flags_in_many_shards__equal_the_plain_evaluator(world: World) -> None:
    document = copied(world.flagset, COPIES)
    flagset = read_flagset(document)
    first = pack(flagset, SEALER)
    loaded = load(first.packed.shards, first.packed.blobs, SEALER)
    [context, *_] = world.contexts
    sticky = {f"{key}-{number}": name for key, name in world.sticky.items() for number in range(COPIES)}
    got = loaded.engine.evaluate_all(context, client_only=False, sticky=sticky)
    assert_same(answers(got), evaluate_all(document, context, sticky=sticky), world, context)


def test_reload__one_of_many_flags_changed__fetches_one_shard() -> None:
    flag = {"variations": {"on": True, "off": False}, "off_variation": "off", "fallthrough": {"variation": "on"}}
    document: Document = {"flags": {f"flag-{number}": flag | {"on": True} for number in range(1_000)}}
    packing = pack(read_flagset(document), SEALER)
    loaded = load(packing.packed.shards, packing.packed.blobs, SEALER)

    document["flags"]["flag-7"] = flag | {"on": False}
    repacked = pack(read_flagset(document), SEALER, packing).packed
    fetched = missing(repacked.shards, loaded)

    assert len(repacked.shards) > len(fetched) == 1
    reloaded = load(repacked.shards, {name: repacked.blobs[name] for name in fetched}, SEALER, loaded).engine
    got = answers(reloaded.evaluate_all({}, client_only=False))
    assert {key for key, answer in got.items() if answer["reason"] == "DISABLED"} == {"flag-7"}
    assert list(got) == sorted(document["flags"])


def test_engine__long_lists__find_exactly_their_units() -> None:
    units = [f"user-{number}" for number in range(4 * LARGEST_SCAN)]
    rule = {"id": "in", "clauses": [{"op": "in_segment", "values": ["many"]}], "serve": {"variation": "segment"}}
    document: Document = {
        "flags": {
            "f": {
                "on": True,
                "variations": {"target": "t", "segment": "s", "none": "n"},
                "off_variation": "none",
                "targets": [{"variation": "target", "keys": units[1::2]}],
                "rules": [rule],
                "fallthrough": {"variation": "none"},
            }
        },
        "segments": {"many": {"included": [unit + "x" for unit in units], "excluded": [unit + "y" for unit in units]}},
        "groups": {},
    }
    engine, _ = engine_of(read_flagset(document))
    tried = [unit + suffix for unit in (*units[:50], *units[-50:], "user--1") for suffix in ("", "x", "y")]
    for unit in tried:
        context = {"targetingKey": unit}
        [got] = engine.evaluate_all(context, client_only=False)
        assert identical(described(got), evaluate_all(document, context)["f"]), unit


def copied(flagset: Document, copies: int) -> Document:
    """Return the flag set with every flag and group ``copies`` times; copies require copies."""
    flags: Document = {}
    groups: Document = {}
    for number in range(copies):
        groups |= {f"{key}-{number}": group for key, group in flagset["groups"].items()}
        flags |= {f"{key}-{number}": _renamed(flag, number) for key, flag in flagset["flags"].items()}
    return {"flags": flags, "segments": flagset["segments"], "groups": groups}


def _renamed(flag: Document, number: int) -> Document:
    required = [each | {"flag": f"{each['flag']}-{number}"} for each in flag.get("prerequisites", [])]
    claim = flag.get("group")
    group = claim and claim | {"key": f"{claim['key']}-{number}"}
    return {**flag, "prerequisites": required, "group": group}
