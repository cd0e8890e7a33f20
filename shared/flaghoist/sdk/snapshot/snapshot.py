"""A snapshot in process: compiled rules in wire form; built whole, or from an earlier one and its changes.

Snapshots are immutable: a new one shares the unchanged parts with the earlier one. Only wire forms are kept, so a
snapshot takes little more memory than the engine alone and contains no user names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

import msgspec

from flaghoist.engine.engine import Engine
from flaghoist.engine.shards import FlagShard
from flaghoist.errors import SnapshotCorrupt
from flaghoist.model.flags import FlagSet, Group, SnapshotVersion
from flaghoist.rules.clauses import compile_segment
from flaghoist.rules.evaluation import Truth
from flaghoist.snapshot.attributes import flag_attributes, segment_attributes
from flaghoist.snapshot.encode import encode_flag, encode_segment
from flaghoist.snapshot.manifest import FORMAT, Manifest, ShardRef
from flaghoist.snapshot.sealing import Sealer
from flaghoist.snapshot.wire import WireFlag, WireSegment
from flaghoist.steps import Steps

FLAGS_PER_SHARD = 32
"""A change rebuilds the tables of its shard; every further shard has a fixed cost."""

MOST_SHARDS = 64


class Shard(msgspec.Struct, frozen=True, eq=False):
    """Flags that are replaced together, and the attributes that they read."""

    flags: FlagShard
    attributes: frozenset[str]


class Snapshot(msgspec.Struct, frozen=True, eq=False):
    """An environment at one version, ready to evaluate.

    ``manifest`` holds the members of a manifest that make sense here. ``shards`` are by number, of ``shard_count``;
    ``truths`` are the compiled ``segments``.
    """

    manifest: Manifest
    engine: Engine
    shards: Mapping[int, Shard]
    shard_count: int
    segments: Mapping[str, WireSegment]
    truths: Mapping[str, Truth]
    groups: Mapping[str, Group]

    @property
    def version(self) -> SnapshotVersion:
        """Epoch and version, which order snapshots."""
        return self.manifest.snapshot_version

    def flags(self) -> Iterator[WireFlag]:
        """Yield all live flags."""
        for shard in self.shards.values():
            yield from shard.flags.flags.values()


class Parts(msgspec.Struct, frozen=True):
    """The parts of a snapshot beside environment and version; ``digest`` distinguishes files of the same version."""

    flags: Sequence[WireFlag]
    segments: Mapping[str, WireSegment]
    groups: Mapping[str, Group]
    digest: str = ""


def parts_of(flagset: FlagSet, sealer: Sealer, digest: str = "") -> Parts:
    """Return the parts of a valid flag set."""
    flags = [
        encode_flag(flag, flagset.groups[flag.group.key] if flag.group else None, sealer)
        for flag in flagset.flags.values()
        if not flag.archived
    ]
    segments = {key: encode_segment(segment, sealer) for key, segment in flagset.segments.items()}
    return Parts(flags, segments, flagset.groups, digest)


def whole_steps(
    environment: str, version: SnapshotVersion, parts: Parts, sealer: Sealer, before: Snapshot | None = None
) -> Steps[Snapshot]:
    """Build a snapshot of these parts, in short steps; it is prepared for bulk answers as ``before`` is."""
    count = max(1, min(MOST_SHARDS, len(parts.flags) // FLAGS_PER_SHARD))
    numbered: dict[int, list[WireFlag]] = {}
    for flag in parts.flags:
        numbered.setdefault(shard_number(flag.key, count), []).append(flag)
    shards: dict[int, Shard] = {}
    for number, flags in numbered.items():
        shards[number] = _shard(flags)
        yield len(flags)
    truths = {key: compile_segment(segment) for key, segment in parts.segments.items()}
    manifest = _manifest(environment, version, shards, parts.segments, parts.digest)
    bare = Snapshot(manifest, _NOTHING, shards, count, parts.segments, truths, parts.groups)
    return (yield from with_engine(bare, sealer, before))


def with_engine(bare: Snapshot, sealer: Sealer, before: Snapshot | None) -> Steps[Snapshot]:
    """Return the snapshot with its engine, which reuses what it shares with ``before``."""
    previous = before.engine if before else None
    engine = Engine([shard.flags for shard in bare.shards.values()], bare.truths, sealer, previous)
    yield len(bare.shards)
    for client_only, view in previous.sheets if previous else ():
        yield from engine.sheet_steps(view, client_only=client_only, previous=previous)
    return msgspec.structs.replace(bare, engine=engine)


def replaced(
    before: Snapshot,
    version: SnapshotVersion,
    flags: Mapping[str, WireFlag | None],
    segments: Mapping[str, WireSegment],
    groups: Mapping[str, Group],
) -> Snapshot:
    """Return ``before`` at another version, with these flags replaced (None: removed) and these segments and groups.

    It still has the engine of ``before``: see `with_engine`.
    """
    shards, truths = _with_flags(before, flags), dict[str, Truth]()
    for key, segment in segments.items():
        known_truth = before.truths.get(key) if before.segments.get(key) is segment else None
        truths[key] = known_truth or compile_segment(segment)
    manifest = _manifest(before.manifest.environment, version, shards, segments)
    return Snapshot(manifest, before.engine, shards, before.shard_count, segments, truths, groups)


def _with_flags(before: Snapshot, flags: Mapping[str, WireFlag | None]) -> dict[int, Shard]:
    """Return the shards of ``before`` with these flags replaced; existing flags keep their place."""
    touched: dict[int, dict[str, WireFlag | None]] = {}
    for key, flag in flags.items():
        touched.setdefault(shard_number(key, before.shard_count), {})[key] = flag
    shards = dict(before.shards)
    for number, changed in touched.items():
        known = before.shards.get(number)
        flags_by_key: dict[str, WireFlag | None] = {**(known.flags.flags if known else {}), **changed}
        kept = [flag for flag in flags_by_key.values() if flag is not None]
        if kept:
            shards[number] = _shard(kept)
        else:
            shards.pop(number, None)
    return shards


def shard_number(key: str, count: int) -> int:
    """Return the number of the shard that a flag is in, of ``count``."""
    return int.from_bytes(sha256(key.encode()).digest()[:4], "big") % count


def _shard(flags: Sequence[WireFlag]) -> Shard:
    """Return a shard; raise SnapshotCorrupt if one of its flags cannot be evaluated."""
    try:
        return Shard(FlagShard(flags), frozenset[str]().union(*map(flag_attributes, flags)))
    except (KeyError, IndexError, ValueError) as error:
        named = ", ".join(sorted(flag.key for flag in flags)[:3])
        raise SnapshotCorrupt(f"a flag near {named} cannot be evaluated here ({error}): upgrade the SDK") from error


def _manifest(
    environment: str,
    version: SnapshotVersion,
    shards: Mapping[int, Shard],
    segments: Mapping[str, WireSegment],
    digest: str = "",
) -> Manifest:
    read: Iterable[frozenset[str]] = (
        *(shard.attributes for shard in shards.values()),
        *map(segment_attributes, segments.values()),
    )
    return Manifest(
        format=FORMAT,
        environment=environment,
        epoch=version.epoch,
        version=version.version,
        committed_at_ms=0,
        confirmed_at_ms=0,
        shards=(ShardRef(digest, "flags", 0, 0),) if digest else (),
        attributes=tuple(sorted(frozenset[str]().union(*read))),
        keys=(),
    )


_NOTHING = Engine((), {}, Sealer(b"", ""))
