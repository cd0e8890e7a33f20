"""Load a snapshot: verify and decode its shards, compile new ones, and build an engine."""

from collections.abc import Mapping, Sequence

import msgspec

from flaghoist.engine.engine import Engine
from flaghoist.engine.shards import FlagShard
from flaghoist.errors import SnapshotCorrupt
from flaghoist.rules.clauses import compile_segment
from flaghoist.rules.evaluation import Truth
from flaghoist.snapshot.manifest import ShardRef
from flaghoist.snapshot.sealing import Sealer
from flaghoist.snapshot.wire import decode_flags, decode_segments
from flaghoist.steps import Steps, complete


class _Part(msgspec.Struct, frozen=True, eq=False):
    """The compiled content of one shard."""

    flags: FlagShard | None = None
    segments: Mapping[str, Truth] | None = None


class LoadedSnapshot(msgspec.Struct, frozen=True, eq=False):
    """An engine, and the compiled shards that it consists of, by hash."""

    engine: Engine
    parts: Mapping[str, _Part]


def missing(refs: Sequence[ShardRef], loaded: LoadedSnapshot | None) -> tuple[str, ...]:
    """Return the hashes of the shards that must be fetched to load ``refs``, given those in ``loaded``."""
    known = loaded.parts if loaded else {}
    return tuple(ref.hash for ref in refs if ref.hash not in known)


def load(
    refs: Sequence[ShardRef], blobs: Mapping[str, bytes], sealer: Sealer, previous: LoadedSnapshot | None = None
) -> LoadedSnapshot:
    """Return the snapshot of ``refs``; compiles only shards that ``previous`` does not have.

    ``blobs`` are verified bytes by hash. Raises SnapshotCorrupt if one is missing or cannot be decoded.
    """
    return complete(load_steps(refs, blobs, sealer, previous))


def load_steps(
    refs: Sequence[ShardRef], blobs: Mapping[str, bytes], sealer: Sealer, previous: LoadedSnapshot | None = None
) -> Steps[LoadedSnapshot]:
    """Do the same in short steps; the new engine is prepared for the same views as the previous one."""
    parts: dict[str, _Part] = {}
    for ref in refs:
        known = previous.parts.get(ref.hash) if previous else None
        if known is None:
            known = _compile(ref, blobs)
            yield ref.count
        parts[ref.hash] = known
    segments: dict[str, Truth] = {}
    for part in parts.values():
        segments.update(part.segments or {})
    before = previous.engine if previous else None
    engine = Engine([part.flags for part in parts.values() if part.flags], segments, sealer, before)
    yield len(refs)
    for client_only, view in before.sheets if before else ():
        yield from engine.sheet_steps(view, client_only=client_only, previous=before)
    return LoadedSnapshot(engine, parts)


def _compile(ref: ShardRef, blobs: Mapping[str, bytes]) -> _Part:
    data = blobs.get(ref.hash)
    if data is None:
        raise SnapshotCorrupt(f"shard {ref.hash[:12]}… is missing: fetch it from KV or from the origin")
    try:
        if ref.kind == "flags":
            return _Part(flags=FlagShard(decode_flags(data)))
        return _Part(segments={segment.key: compile_segment(segment) for segment in decode_segments(data)})
    except (msgspec.MsgspecError, KeyError, IndexError, ValueError) as error:
        raise SnapshotCorrupt(
            f"shard {ref.hash[:12]}… cannot be read ({error}): deploy the newer Worker first"
        ) from error
