"""Changes applied to a held snapshot lead to what a whole one would be, and whatever cannot be read changes nothing."""

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings

from flaghoist.answers.fragments import OFREP_ITEMS
from flaghoist.errors import Conflict, SnapshotCorrupt
from flaghoist.model.flags import TARGETING_KEY, Clause, Flag, Segment
from flaghoist.sdk.snapshot.documents import decode_document
from flaghoist.sdk.snapshot.snapshot import FLAGS_PER_SHARD, Snapshot
from flaghoist.snapshot.attributes import flag_attributes, segment_attributes
from flaghoist.snapshot.encode import encode_flag, encode_segment
from flaghoist.snapshot.pack import pack
from tests.builders import a_clause, a_flag, a_flagset, a_group, a_rollout, a_segment
from tests.in_worker.cases_worker import read_flagset
from tests.shared.agreement import answers, assert_same
from tests.shared.sdk.making import SEALER, a_release, a_snapshot, applied, change, values_of, whole
from tests.strategies import World, worlds

MANY = 3 * FLAGS_PER_SHARD
VIEW = OFREP_ITEMS["client"]


def documented_attributes(flag: Flag) -> frozenset[str]:
    """Return what a flag's document reads, worked out apart from the code under test."""
    if not flag.on:
        return frozenset()
    serves = [rule.serve for rule in flag.rules] + [flag.fallthrough]
    names = {serve.rollout.by for serve in serves if serve.rollout}
    if flag.targets or flag.group:
        names.add(TARGETING_KEY)
    return frozenset(names).union(*(named(rule.clauses) for rule in flag.rules))


def documented_attributes_of_segment(segment: Segment) -> frozenset[str]:
    names = {TARGETING_KEY} if segment.included or segment.excluded else set()
    return frozenset(names).union(*(named(clauses) for clauses in segment.rules))


def named(clauses: Iterable[Clause]) -> frozenset[str]:
    return frozenset(clause.attribute for clause in clauses if clause.attribute)


@settings(max_examples=200)
@given(before=worlds(), after=worlds())
def test_change__between_any_two_worlds__equals_the_whole_of_the_second(before: World, after: World) -> None:
    old, new = read_flagset(before.flagset), read_flagset(after.flagset)
    patched = applied(change(old, new, "1-1", "1-2"), applied(whole(old)))
    fresh = applied(whole(new, "1-2"))
    for context in (*before.contexts, *after.contexts):
        wanted = answers(fresh.engine.evaluate_all(context, client_only=False))
        assert_same(answers(patched.engine.evaluate_all(context, client_only=False)), wanted, after, context)
    assert patched.manifest == fresh.manifest


def test_change__one_flag_of_many__shares_all_other_shards() -> None:
    flags = [a_flag(f"flag-{number}").on() for number in range(MANY)]
    before, after = a_flagset(*flags), a_flagset(*[*flags[:-1], flags[-1].on(False)])
    current = applied(whole(before))
    changed = applied(change(before, after, "1-1", "1-2"), current)
    assert current.shard_count > 1
    assert sum(changed.shards[number] is not current.shards[number] for number in current.shards) == 1


def test_change__leaves_the_earlier_snapshot_as_it_was() -> None:
    before, after = a_flagset(a_release(1)), a_flagset(a_release(2))
    current = applied(whole(before))
    changed = applied(change(before, after, "1-1", "1-2"), current)
    assert (values_of(current, {}), values_of(changed, {})) == ({"release": "v1"}, {"release": "v2"})


def test_change__salt_of_a_group__moves_the_flags_that_claim_it() -> None:
    flag = a_flag("trial").on().in_group("tests", 0, 50_000).fallthrough("on")
    before, after = a_flagset(flag, a_group("tests", "one")), a_flagset(flag, a_group("tests", "two"))
    changed = applied(change(before, after, "1-1", "1-2"), applied(whole(before)))
    units = [{"targetingKey": f"user-{number}"} for number in range(200)]
    wanted = [values_of(applied(whole(after, "1-2")), unit) for unit in units]
    assert [values_of(changed, unit) for unit in units] == wanted
    assert wanted != [values_of(applied(whole(before)), unit) for unit in units]


def test_change__last_flag_of_a_shard_is_archived__leaves_none() -> None:
    flagset = a_flagset(a_release(1))
    changed = applied(change(flagset, a_flagset(a_release(1).archived()), "1-1", "1-2"), applied(whole(flagset)))
    assert (dict(changed.shards), values_of(changed, {})) == ({}, {})


def test_change__after_a_bulk_answer__is_ready_for_the_next() -> None:
    before, after = a_flagset(a_release(1)), a_flagset(a_release(2))
    current = applied(whole(before))
    current.engine.render_all({}, VIEW, client_only=True)
    changed = applied(change(before, after, "1-1", "1-2"), current)
    assert changed.engine.sheets == current.engine.sheets
    assert b"v2" in changed.engine.render_all({}, VIEW, client_only=True)


def test_whole__current_version__keeps_the_same_object() -> None:
    current = a_snapshot(a_release(1), version="1-4")
    assert applied(whole(a_flagset(a_release(1)), "1-4"), current) is current


@pytest.mark.parametrize("version", ["1-3", "0-9"])
def test_whole__older_than_the_current_version__names_the_remedy(version: str) -> None:
    current = a_snapshot(a_release(1), version="1-4")
    with pytest.raises(Conflict, match=r"flaghoist recover.*cache_file"):
        applied(whole(a_flagset(), version), current)


def test_whole__of_a_later_epoch__replaces_all() -> None:
    current = a_snapshot(a_release(1), version="1-40")
    assert values_of(applied(whole(a_flagset(), "2-1"), current), {}) == {}


@pytest.mark.parametrize("since", ["1-2", "2-3", "1-4"])
def test_change__that_does_not_follow__is_refused(since: str) -> None:
    flagset = a_flagset(a_release(1))
    with pytest.raises(Conflict, match=f"from {since} to 1-5 does not follow on 1-3"):
        applied(change(flagset, flagset, since, "1-5"), a_snapshot(a_release(1), version="1-3"))


def test_change__without_a_snapshot__is_refused() -> None:
    with pytest.raises(Conflict, match="follow on nothing"):
        applied(change(a_flagset(), a_flagset(), "1-1", "1-2"))


@pytest.mark.parametrize(
    "flag",
    [
        {"later": True},
        {"rules": [{"id": "r", "clauses": [{"attribute": "a", "op": "later", "values": [1]}], "serve": {}}]},
        {"off_variation": "nowhere"},
        {"group": {"key": "nowhere", "range": [0, 1]}},
        {"variations": 7},
    ],
    ids=["member", "operator", "variation", "group", "type"],
)
def test_flag__that_this_sdk_cannot_read__asks_for_an_upgrade(flag: dict[str, object]) -> None:
    document = json.loads(whole(a_flagset(a_flag("checkout").on().rule("r", a_clause("a", "in", 1), serve="on"))))
    document["flags"][0].update(flag)
    with pytest.raises(SnapshotCorrupt, match="upgrade the SDK"):
        applied(json.dumps(document).encode())


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"<html>", b'{"environment": "production"}', b"[" * 100_000, b'"\xff"', b'{"environment": "\\ud800"}'],
)
def test_document__that_is_none__names_the_option(data: bytes) -> None:
    with pytest.raises(SnapshotCorrupt, match="check that origin names a Flaghoist origin"):
        decode_document(data)


def test_document__members_of_a_later_origin__are_ignored() -> None:
    document = {**json.loads(whole(a_flagset(a_release(1)))), "later": {"any": 1}}
    assert values_of(applied(json.dumps(document).encode()), {}) == {"release": "v1"}


@settings(max_examples=200)
@given(world=worlds())
def test_attributes__by_wire_form__are_those_of_the_documents(world: World) -> None:
    flagset = read_flagset(world.flagset)
    for flag in flagset.flags.values():
        wire = encode_flag(flag, flagset.groups[flag.group.key] if flag.group else None, SEALER)
        assert flag_attributes(wire) <= documented_attributes(flag)
        assert documented_attributes(flag) <= flag_attributes(wire) | {TARGETING_KEY}
    for segment in flagset.segments.values():
        assert segment_attributes(encode_segment(segment, SEALER)) == documented_attributes_of_segment(segment)
    live = [flag for flag in flagset.flags.values() if not flag.archived]
    read = [*map(documented_attributes, live), *map(documented_attributes_of_segment, flagset.segments.values())]
    assert pack(flagset, SEALER).packed.attributes == tuple(sorted(frozenset[str]().union(*read)))


def test_rollout__of_a_wire_form__reads_its_attribute() -> None:
    flag = a_flag("split").on().fallthrough(a_rollout(by="org", on=50_000, off=50_000)).build()
    assert flag_attributes(encode_flag(flag, None, SEALER)) == documented_attributes(flag) == {"org"}


def test_segment__without_lists__reads_only_its_clauses() -> None:
    segment = a_segment("eu").rule(a_clause("country", "in", "de")).build()
    assert segment_attributes(encode_segment(segment, SEALER)) == {"country"}


def test_snapshot__large_set__spreads_over_shards() -> None:
    current: Snapshot = a_snapshot(*[a_flag(f"flag-{number}") for number in range(MANY)])
    assert len(current.shards) == current.shard_count == MANY // FLAGS_PER_SHARD
    assert len(list(current.flags())) == MANY
