"""Packing: deterministic, minimal after a change, folded, and without a raw identifier in any byte."""

import msgspec
import pytest

from flaghoist.errors import LimitExceeded
from flaghoist.limits import LIST_KEYS, SNAPSHOT_BYTES
from flaghoist.model.flags import FlagSet
from flaghoist.snapshot.pack import MOST_FLAG_SHARDS, MOST_SEGMENT_SHARDS, Packed, pack
from flaghoist.snapshot.sealing import Sealer
from tests.builders import a_clause, a_flag, a_flagset, a_group, a_rollout, a_segment

SEALER = Sealer(b"a secret of the tests", "production")


def many_flags(count: int) -> FlagSet:
    return a_flagset(
        *(a_flag(f"flag-{number}").on().fallthrough(a_rollout(on=50_000, off=50_000)) for number in range(count))
    )


def all_bytes(packed: Packed) -> bytes:
    return b"".join(packed.blobs.values())


def test_pack__same_set__same_shards() -> None:
    first, second = pack(many_flags(300), SEALER).packed, pack(many_flags(300), SEALER).packed
    assert first == second


def test_pack__order_of_flags__does_not_matter() -> None:
    flagset = many_flags(100)
    reversed_set = FlagSet(flags=dict(reversed(list(flagset.flags.items()))))
    assert pack(flagset, SEALER).packed.blobs == pack(reversed_set, SEALER).packed.blobs


@pytest.mark.parametrize("count", [1, 64, 65, 2_048, 2_049])
def test_pack__one_flag_changed__changes_one_shard(count: int) -> None:
    flagset = many_flags(count)
    before = pack(flagset, SEALER)
    changed = a_flag(f"flag-{count // 2}").on().fallthrough("on").version(2).build()
    after = pack(FlagSet(flags={**flagset.flags, changed.key: changed}), SEALER, before)
    assert len(set(after.packed.blobs) - set(before.packed.blobs)) == 1
    assert after.packed == pack(FlagSet(flags={**flagset.flags, changed.key: changed}), SEALER).packed


def test_pack__group_salt_rotated__encodes_its_flags_anew() -> None:
    flags = [a_flag("a").on().in_group("checkout", 0, 10), a_flag("b").on().in_group("checkout", 10, 20), a_flag("c")]
    before = pack(a_flagset(*flags, a_group("checkout", "one")), SEALER)
    rotated = a_flagset(*flags, a_group("checkout", "two"))
    assert pack(rotated, SEALER, before).packed == pack(rotated, SEALER).packed
    assert pack(rotated, SEALER, before).packed != before.packed


def test_pack__many_flags_and_segments__stay_within_one_round_of_reads() -> None:
    segments = [a_segment(f"segment-{number}").including(*range(100)) for number in range(100)]
    flagset = many_flags(3_000)
    packed = pack(FlagSet(flags=flagset.flags, segments=a_flagset(*segments).segments), SEALER).packed
    assert len(packed.shards) <= MOST_FLAG_SHARDS + MOST_SEGMENT_SHARDS <= 64


def test_pack__identifiers__appear_in_no_byte() -> None:
    flagset = a_flagset(
        a_flag("targeted").on().target("on", "ada@example.com", 20260101),
        a_flag("listed").on().rule("r", a_clause("targetingKey", "in", "grace@example.com", 4711), serve="on"),
        a_segment("staff")
        .including("edsger@example.com")
        .excluding("alan@example.com")
        .rule(a_clause("targetingKey", "in", "barbara@example.com")),
    )
    written = all_bytes(pack(flagset, SEALER).packed)
    assert b"example.com" not in written
    for number in (20260101, 4711):
        assert str(number).encode() not in written
        assert msgspec.msgpack.encode(number) not in written


def test_pack__other_environment__seals_otherwise() -> None:
    flagset = a_flagset(a_flag("targeted").on().target("on", "ada"))
    assert pack(flagset, SEALER).packed.blobs != pack(flagset, Sealer(b"a secret of the tests", "staging")).packed.blobs


def test_pack__archived_flag__is_left_out() -> None:
    packed = pack(a_flagset(a_flag("gone").on().archived(), a_flag("kept")), SEALER).packed
    assert b"gone" not in all_bytes(packed)
    assert [(ref.kind, ref.count) for ref in packed.shards] == [("flags", 1)]


def test_pack__attributes__are_those_that_any_live_rule_reads() -> None:
    flagset = a_flagset(
        a_flag("off").rule("r", a_clause("ignored", "in", "x"), serve="on"),
        a_flag("ruled").on().rule("r", a_clause("plan", "in", "pro"), serve=a_rollout(by="company", on=1, off=99_999)),
        a_flag("segmented").on().rule("r", a_clause("", "in_segment", "eu"), serve="on"),
        a_segment("eu").including("u").rule(a_clause("edge.country", "in", "DE")),
    )
    assert pack(flagset, SEALER).packed.attributes == ("company", "edge.country", "plan", "targetingKey")


def test_pack__too_large_for_an_isolate__names_limit_and_size() -> None:
    value = "x" * 60_000
    flags = [a_flag(f"large-{number}").variations("a", a=value, b=value, c=value) for number in range(100)]
    with pytest.raises(LimitExceeded) as caught:
        pack(a_flagset(*flags), SEALER)
    assert caught.value.limit is SNAPSHOT_BYTES
    assert caught.value.status == 413
    assert caught.value.actual > SNAPSHOT_BYTES.value


def test_pack__longest_list__takes_eight_bytes_a_key() -> None:
    segment = a_segment("everyone").including(*(f"user-{number}" for number in range(LIST_KEYS.value)))
    (ref,) = [ref for ref in pack(a_flagset(segment), SEALER).packed.shards if ref.kind == "segments"]
    assert ref.size < 8 * LIST_KEYS.value + 100
