"""What Workers KV serves for an environment: flags and segments in the form that the edge reads, and what differs."""

from collections.abc import Iterable, Mapping

import msgspec

from flaghoist.model.flags import FlagSet
from flaghoist.snapshot.manifest import ShardRef
from flaghoist.snapshot.pack import pack
from flaghoist.snapshot.sealing import Sealer
from flaghoist.snapshot.wire import WireFlag, WireSegment, decode_flags, decode_segments
from flaghoist_cli.files.differences import Difference, Kind, MemberChange


class KvContents(msgspec.Struct, frozen=True):
    """A snapshot as the edge reads it: versions of flags are included, identifiers are sealed."""

    version: str
    flags: Mapping[str, WireFlag]
    segments: Mapping[str, WireSegment]


def packed_contents(flagset: FlagSet, secret: str, environment: str, version: str) -> KvContents:
    """Return the content that KV would have for a flag set."""
    packed = pack(flagset, Sealer(secret.encode(), environment)).packed
    return contents_of(version, packed.shards, packed.blobs)


def compare_contents(before: KvContents, after: KvContents) -> tuple[Difference, ...]:
    """Return the flags and segments that differ, and whether the version of the flag or only the bytes differ."""
    segments = _compare("segment", before.segments, after.segments)
    return (*segments, *_compare("flag", before.flags, after.flags))


def contents_of(version: str, refs: Iterable[ShardRef], blobs: Mapping[str, bytes]) -> KvContents:
    """Return what shards hold; ``blobs`` are their bytes by hash."""
    flags: dict[str, WireFlag] = {}
    segments: dict[str, WireSegment] = {}
    for ref in refs:
        if ref.kind == "flags":
            flags.update((flag.key, flag) for flag in decode_flags(blobs[ref.hash]))
        else:
            segments.update((segment.key, segment) for segment in decode_segments(blobs[ref.hash]))
    return KvContents(version, flags, segments)


def _compare(
    kind: Kind, before: Mapping[str, WireFlag | WireSegment], after: Mapping[str, WireFlag | WireSegment]
) -> Iterable[Difference]:
    for key in sorted({*before, *after}):
        if key not in before:
            yield Difference(kind, key, "added")
        elif key not in after:
            yield Difference(kind, key, "removed")
        elif before[key] != after[key]:
            yield Difference(kind, key, "changed", _members(before[key], after[key]))


def _members(before: WireFlag | WireSegment, after: WireFlag | WireSegment) -> tuple[MemberChange, ...]:
    names = (name for name in before.__struct_fields__ if getattr(before, name) != getattr(after, name))
    return tuple(MemberChange(name, _text(getattr(before, name)), _text(getattr(after, name))) for name in names)


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
