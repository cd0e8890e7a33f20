"""Apply an origin's document to the current snapshot; a document that cannot be read changes nothing."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from flaghoist.errors import Conflict, SnapshotCorrupt
from flaghoist.model.bucketing import draw_prefix
from flaghoist.model.flags import Flag, Group, Segment
from flaghoist.sdk.snapshot.documents import UNREADABLE, Document
from flaghoist.sdk.snapshot.snapshot import Parts, Snapshot, replaced, whole_steps, with_engine
from flaghoist.snapshot.encode import encode_flag, encode_segment
from flaghoist.snapshot.sealing import Sealer
from flaghoist.snapshot.wire import WireClaim, WireFlag, WireSegment
from flaghoist.steps import Steps

T = TypeVar("T", Flag, Segment, Group)


def apply_steps(document: Document, before: Snapshot | None, sealer: Sealer) -> Steps[Snapshot]:
    """Return the snapshot after ``document``, in short steps.

    Raises Conflict if the document does not follow on the current snapshot, SnapshotCorrupt if this SDK cannot read it.
    """
    if before is not None and document.snapshot_version == before.version:
        return before
    _check_order(document, before)
    if document.since and before is not None:
        return (yield from _patched(document, before, sealer))
    groups = {group.key: group for group in _read_all(document.groups, Group)}
    segments = yield from _segments(document, sealer)
    flags = yield from _flags(document, groups, sealer)
    parts = Parts([flag for flag in flags.values() if flag is not None], segments, groups)
    return (yield from whole_steps(document.environment, document.snapshot_version, parts, sealer, before))


def _check_order(document: Document, before: Snapshot | None) -> None:
    version = document.snapshot_version
    if before is not None and version < before.version:
        raise Conflict(
            f"the origin is at {version}, behind {before.version} of this process: run `flaghoist recover` there if it"
            " was restored from a backup, remove cache_file if it was created anew"
        )
    if document.since and (before is None or document.since != str(before.version)):
        at = before.version if before else "nothing"
        raise Conflict(f"a change from {document.since} to {version} does not follow on {at}: reading everything again")


def _patched(document: Document, before: Snapshot, sealer: Sealer) -> Steps[Snapshot]:
    changed_groups = {group.key: group for group in _read_all(document.groups, Group)}
    groups = _without({**before.groups, **changed_groups}, document.gone("groups"))
    changed_segments = yield from _segments(document, sealer)
    segments = _without({**before.segments, **changed_segments}, document.gone("segments"))
    flags: dict[str, WireFlag | None] = _reclaimed(before, changed_groups) if changed_groups else {}
    flags |= dict.fromkeys(document.gone("flags"))
    flags |= yield from _flags(document, groups, sealer)
    bare = replaced(before, document.snapshot_version, flags, segments, groups)
    yield len(flags)
    return (yield from with_engine(bare, sealer, before))


def _segments(document: Document, sealer: Sealer) -> Steps[dict[str, WireSegment]]:
    found: dict[str, WireSegment] = {}
    for raw in document.segments:
        segment = encode_segment(_read(raw, Segment), sealer)
        found[segment.key] = segment
        yield 1
    return found


def _flags(document: Document, groups: Mapping[str, Group], sealer: Sealer) -> Steps[dict[str, WireFlag | None]]:
    """Return the wire forms of the document's flags; None stands for archived flags."""
    found: dict[str, WireFlag | None] = {}
    for raw in document.flags:
        flag = _read(raw, Flag)
        found[flag.key] = None if flag.archived else _encode(flag, groups, sealer)
        yield 1
    return found


def _encode(flag: Flag, groups: Mapping[str, Group], sealer: Sealer) -> WireFlag:
    try:
        return encode_flag(flag, groups[flag.group.key] if flag.group else None, sealer)
    except KeyError as error:
        raise SnapshotCorrupt(f"flag {flag.key!r} names {error}, which does not exist: upgrade the SDK") from error


def _reclaimed(before: Snapshot, groups: Mapping[str, Group]) -> dict[str, WireFlag | None]:
    """Return the flags that claim ranges of groups whose salt may have changed, with the new draw."""
    found: dict[str, WireFlag | None] = {}
    for flag in before.flags():
        claim = flag.claim
        if claim is not None and claim.group in groups:
            group = groups[claim.group]
            now = WireClaim(group.key, draw_prefix(group.salt, group.key), claim.low, claim.high)
            found[flag.key] = msgspec.structs.replace(flag, claim=now)
    return found


def _read_all(raws: tuple[msgspec.Raw, ...], type: type[T]) -> list[T]:
    return [_read(raw, type) for raw in raws]


def _read(raw: msgspec.Raw, type: type[T]) -> T:
    """Return one entity; unknown members raise, because they could change its answer."""
    try:
        return msgspec.json.decode(raw, type=type)
    except UNREADABLE as error:
        raise SnapshotCorrupt(
            f"the origin sent a {type.__name__.lower()} that this SDK cannot read ({error}): upgrade the SDK"
        ) from error


V = TypeVar("V")


def _without(entities: dict[str, V], keys: tuple[str, ...]) -> dict[str, V]:
    for key in keys:
        entities.pop(key, None)
    return entities
