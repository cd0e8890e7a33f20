"""Loading: only what is new, nothing that is not verified, and never a half-read snapshot."""

import hashlib

import msgspec
import pytest

from flaghoist.engine.load import load, missing
from flaghoist.errors import SnapshotCorrupt, SnapshotFormatError
from flaghoist.snapshot.manifest import (
    FORMAT,
    KeyRef,
    Manifest,
    ShardRef,
    decode_manifest,
    encode_manifest,
    verify_shard,
)
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import Sealer
from flaghoist.snapshot.wire import A_MIXED_ROLLOUT, WireFlag
from tests.builders import FlagBuilder, a_clause, a_flag, a_flagset, a_rollout, a_segment

SEALER = Sealer(b"a secret of the tests", "production")


def a_manifest() -> Manifest:
    shard = ShardRef("0" * 64, "flags", 1, 10)
    return Manifest(FORMAT, "production", 2, 7, 1_000, 2_000, (shard,), ("plan",), (KeyRef("client", "1" * 64),))


def test_manifest__encoded_and_decoded__is_the_same() -> None:
    assert decode_manifest(encode_manifest(a_manifest())) == a_manifest()
    assert str(a_manifest().snapshot_version) == "2-7"


def test_manifest__order__is_by_epoch_then_version() -> None:
    restored = msgspec.structs.replace(a_manifest(), epoch=3, version=1)
    assert restored.snapshot_version > a_manifest().snapshot_version


def test_manifest__newer_format__is_named_with_the_remedy() -> None:
    data = encode_manifest(msgspec.structs.replace(a_manifest(), format=FORMAT + 1))
    with pytest.raises(SnapshotFormatError, match=rf"format {FORMAT + 1} is newer .* deploy the newer Worker"):
        decode_manifest(data)


MIXED = a_rollout(algorithm="mix", on=50_000, off=50_000)


@pytest.mark.parametrize(
    ("flag", "format"),
    [
        (a_flag("f").on().fallthrough(a_rollout(on=50_000, off=50_000)), 1),
        (a_flag("f").on().fallthrough(MIXED), 2),
        (a_flag("f").on().rule("r", a_clause("a", "in", "b"), serve=MIXED), 2),
        (a_flag("f").fallthrough(MIXED), 1),
        (a_flag("f").on().fallthrough(MIXED).archived(), 1),
    ],
    ids=["sha256", "fallthrough", "rule", "off", "archived"],
)
def test_pack__draw_by_mix_that_is_live__needs_the_newer_format(flag: FlagBuilder, format: int) -> None:
    assert pack(a_flagset(a_flag("other").on(), flag), SEALER).packed.format == format


def test_pack__draw_by_mix_taken_back__needs_the_first_format_again() -> None:
    first = pack(a_flagset(a_flag("f").on().fallthrough(MIXED), a_flag("g")), SEALER)
    same = pack(a_flagset(a_flag("f").on().fallthrough(MIXED), a_flag("g").on()), SEALER, first)
    after = pack(a_flagset(a_flag("f").on(), a_flag("g")), SEALER, same)
    assert (first.packed.format, same.packed.format, after.packed.format) == (2, 2, 1)


def test_load__draw_of_an_unknown_kind__is_corrupt() -> None:
    packed = pack(a_flagset(a_flag("f").on().fallthrough(MIXED)), SEALER).packed
    [data] = packed.blobs.values()
    flag = msgspec.msgpack.decode(data)
    flag[0][10][0] = A_MIXED_ROLLOUT - 1
    blob = msgspec.msgpack.encode(flag)
    with pytest.raises(SnapshotCorrupt, match="deploy the newer Worker"):
        load(packed.shards, dict.fromkeys(packed.blobs, blob), SEALER)


def test_manifest__newer_format_of_another_shape__is_still_recognised() -> None:
    with pytest.raises(SnapshotFormatError):
        decode_manifest(b'{"format": 99, "everything": "else"}')


def test_manifest__member_of_a_later_release__is_ignored() -> None:
    later = msgspec.json.decode(encode_manifest(a_manifest())) | {"since_tomorrow": True}
    assert decode_manifest(msgspec.json.encode(later)) == a_manifest()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": "1"}', b"\xff\xfe"])
def test_manifest__malformed__is_corrupt(data: bytes) -> None:
    with pytest.raises(SnapshotCorrupt):
        decode_manifest(data)


def test_load__changed_flag__compiles_only_its_shard() -> None:
    flags = [a_flag(f"flag-{number}").on() for number in range(200)]
    first = pack(a_flagset(*flags), SEALER)
    earlier = load(first.packed.shards, first.packed.blobs, SEALER)
    second = pack(a_flagset(*flags, a_flag("flag-7").on().fallthrough("on").version(2)), SEALER, first)
    (changed,) = missing(second.packed.shards, earlier)
    loaded = load(second.packed.shards, {changed: second.packed.blobs[changed]}, SEALER, earlier)
    assert loaded.engine.evaluate("flag-7", {}).variation == "on"
    assert earlier.engine.evaluate("flag-7", {}).variation == "off"
    assert set(loaded.parts) - set(earlier.parts) == {changed}


def test_load__removed_flag__is_gone() -> None:
    first = pack(a_flagset(a_flag("kept"), a_flag("gone")), SEALER)
    earlier = load(first.packed.shards, first.packed.blobs, SEALER)
    second = pack(a_flagset(a_flag("kept")), SEALER, first)
    assert load(second.packed.shards, second.packed.blobs, SEALER, earlier).engine.keys == ("kept",)


def test_load__absent_shard__is_refused() -> None:
    packed = pack(a_flagset(a_flag("one")), SEALER).packed
    with pytest.raises(SnapshotCorrupt, match="is missing"):
        load(packed.shards, {}, SEALER)


@pytest.mark.parametrize("data", [b"", b"\x93\x01", b"\xc0", b"not msgpack", msgspec.msgpack.encode([["key"]])])
def test_load__undecodable_shard__is_refused(data: bytes) -> None:
    ref = ShardRef(hashlib.sha256(data).hexdigest(), "flags", 1, len(data))
    with pytest.raises(SnapshotCorrupt, match="cannot be read"):
        load((ref,), {ref.hash: data}, SEALER)


def test_load__operator_of_a_later_release__is_refused() -> None:
    packed = pack(a_flagset(a_segment("s").rule(a_clause("plan", "in", "pro"))), SEALER).packed
    data = b"".join(packed.blobs.values()).replace(b"\xa2in\xa4plan", b"\xa2up\xa4plan")
    ref = ShardRef(hashlib.sha256(data).hexdigest(), "segments", 1, len(data))
    with pytest.raises(SnapshotCorrupt, match="cannot be read"):
        load((ref,), {ref.hash: data}, SEALER)


def test_verify_shard__one_bit_off__is_refused() -> None:
    data = b"some shard"
    verify_shard(hashlib.sha256(data).hexdigest(), data)
    with pytest.raises(SnapshotCorrupt, match="does not match its hash"):
        verify_shard(hashlib.sha256(data).hexdigest(), b"some shars")


@pytest.mark.parametrize(
    "flag",
    [
        a_flag("f"),
        a_flag("f").on().fallthrough("on"),
        a_flag("f").on().fallthrough(a_rollout(on=40_000, off=60_000)),
        a_flag("f").on().target("on", "ada"),
        a_flag("f").on().rule("r", a_clause("plan", "in", "pro"), serve="on"),
    ],
)
def test_load__variation_that_is_not_there__is_refused(flag: FlagBuilder) -> None:
    packed = pack(a_flagset(flag), SEALER).packed
    [wire] = msgspec.msgpack.decode(*packed.blobs.values(), type=list[WireFlag])
    data = msgspec.msgpack.encode([msgspec.structs.replace(wire, names=(), values=())])
    ref = ShardRef(hashlib.sha256(data).hexdigest(), "flags", 1, len(data))
    with pytest.raises(SnapshotCorrupt, match="there is no variation"):
        load((ref,), {ref.hash: data}, SEALER)
