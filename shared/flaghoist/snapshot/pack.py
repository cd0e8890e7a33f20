"""Pack a flag set into shards: precompute what concerns one flag alone, seal identifiers, address by content."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from flaghoist.errors import LimitExceeded
from flaghoist.limits import SNAPSHOT_BYTES
from flaghoist.model.flags import TARGETING_KEY, Flag, FlagSet, Group, Segment
from flaghoist.snapshot.attributes import flag_attributes, segment_attributes
from flaghoist.snapshot.encode import encode_flag, encode_segment
from flaghoist.snapshot.manifest import FIRST_FORMAT, MIX_FORMAT, ShardKind, ShardRef
from flaghoist.snapshot.sealing import Sealer
from flaghoist.snapshot.wire import A_MIXED_ROLLOUT, WireFlag

FLAG_SHARDS = ((64, 1), (2_048, 8))
MOST_FLAG_SHARDS = 48
SEGMENT_SHARDS = ((2_000, 1),)
MOST_SEGMENT_SHARDS = 16


@dataclass(frozen=True)
class Packed:
    """A flag set as stored in KV: references, the bytes behind each hash, and the attributes that any flag reads.

    ``format`` is the lowest one whose readers understand all of it.
    """

    shards: tuple[ShardRef, ...]
    blobs: Mapping[str, bytes]
    attributes: tuple[str, ...]
    format: int


@dataclass(frozen=True)
class _Piece:
    """One encoded flag or segment, with its source document."""

    source: Flag | Segment
    group: Group | None
    data: msgspec.Raw
    attributes: frozenset[str]
    format: int = FIRST_FORMAT


@dataclass(frozen=True)
class Packing:
    """A `Packed` and its pieces, so that the next packing encodes only changes."""

    packed: Packed
    flags: Mapping[str, _Piece]
    segments: Mapping[str, _Piece]


def pack(flagset: FlagSet, sealer: Sealer, previous: Packing | None = None) -> Packing:
    """Return the packed form of a valid flag set; raise LimitExceeded if it is larger than an isolate can hold."""
    old_flags = previous.flags if previous else {}
    old_segments = previous.segments if previous else {}
    flags = {
        flag.key: _flag_piece(flag, flagset, sealer, old_flags.get(flag.key))
        for flag in flagset.flags.values()
        if not flag.archived
    }
    segments = {
        segment.key: _segment_piece(segment, sealer, old_segments.get(segment.key))
        for segment in flagset.segments.values()
    }
    return Packing(_assemble(flags, segments, flagset), flags, segments)


def _assemble(flags: Mapping[str, _Piece], segments: Mapping[str, _Piece], flagset: FlagSet) -> Packed:
    entries = sum(len(segment.included) + len(segment.excluded) for segment in flagset.segments.values())
    flag_count = _shard_count(len(flags), FLAG_SHARDS, MOST_FLAG_SHARDS)
    segment_count = _shard_count(entries + len(segments), SEGMENT_SHARDS, MOST_SEGMENT_SHARDS)
    blobs: dict[str, bytes] = {}
    refs = [*_shards("flags", flags, flag_count, blobs), *_shards("segments", segments, segment_count, blobs)]
    size = sum(ref.size for ref in refs)
    if size > SNAPSHOT_BYTES.value:
        raise LimitExceeded(SNAPSHOT_BYTES, size, too_large=True)
    read = frozenset[str]().union(*(piece.attributes for piece in (*flags.values(), *segments.values())))
    format = max((piece.format for piece in flags.values()), default=FIRST_FORMAT)
    return Packed(tuple(refs), blobs, tuple(sorted(read)), format)


def _shards(kind: ShardKind, pieces: Mapping[str, _Piece], count: int, blobs: dict[str, bytes]) -> Iterable[ShardRef]:
    buckets: list[list[msgspec.Raw]] = [[] for _ in range(count)]
    for key in sorted(pieces):
        buckets[_shard_index(key, count)].append(pieces[key].data)
    for shard in filter(None, buckets):
        blob = msgspec.msgpack.encode(shard)
        address = sha256(blob).hexdigest()
        blobs[address] = blob
        yield ShardRef(address, kind, len(shard), len(blob))


def _shard_index(key: str, count: int) -> int:
    return int.from_bytes(sha256(key.encode()).digest()[:4], "big") % count


def _shard_count(size: int, steps: tuple[tuple[int, int], ...], most: int) -> int:
    return next((count for limit, count in steps if size <= limit), most)


def _flag_piece(flag: Flag, flagset: FlagSet, sealer: Sealer, old: _Piece | None) -> _Piece:
    group = flagset.groups[flag.group.key] if flag.group else None
    if old and _is_same(old.source, flag) and _is_same(old.group, group):
        return old
    wire = encode_flag(flag, group, sealer)
    data = msgspec.Raw(msgspec.msgpack.encode(wire))
    # A target without keys has no wire form, but counts as one that reads the unit.
    targeted = {TARGETING_KEY} if flag.on and flag.targets else ()
    return _Piece(flag, group, data, flag_attributes(wire).union(targeted), _format_of(wire))


def _format_of(flag: WireFlag) -> int:
    serves = (flag.fallthrough, *(rule.serve for rule in flag.rules))
    is_mixed = any(serve.variation == A_MIXED_ROLLOUT for serve in serves)
    return MIX_FORMAT if is_mixed else FIRST_FORMAT


def _segment_piece(segment: Segment, sealer: Sealer, old: _Piece | None) -> _Piece:
    if old and _is_same(old.source, segment):
        return old
    wire = encode_segment(segment, sealer)
    return _Piece(segment, None, msgspec.Raw(msgspec.msgpack.encode(wire)), segment_attributes(wire))


def _is_same(one: Flag | Segment | Group | None, other: Flag | Segment | Group | None) -> bool:
    """Compare documents as JSON does: in Python, true equals 1."""
    return one is other or msgspec.json.encode(one) == msgspec.json.encode(other)
