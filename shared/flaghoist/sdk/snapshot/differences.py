"""Find the flags whose answer may differ after a change: their own rules changed, or something they depend on did."""

from collections.abc import Iterable, Iterator, Mapping

from flaghoist.sdk.snapshot.snapshot import Snapshot
from flaghoist.snapshot.attributes import segments_of_flag, segments_of_segment
from flaghoist.snapshot.wire import WireFlag, WireSegment


def changed_flags(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """Return the keys of such flags, added and removed flags included, sorted."""
    found = set(_differing(before, after))
    segments = _changed_segments(before.segments, after.segments)
    if segments:
        found.update(flag.key for flag in after.flags() if not segments.isdisjoint(segments_of_flag(flag)))
    _add_dependents(found, after)
    return tuple(sorted(found))


def _differing(before: Snapshot, after: Snapshot) -> Iterator[str]:
    if before.shard_count != after.shard_count:
        yield from _unequal(_by_key(before.flags()), _by_key(after.flags()))
        return
    for number in before.shards.keys() | after.shards.keys():
        old, new = before.shards.get(number), after.shards.get(number)
        if old is not new:
            yield from _unequal(old.flags.flags if old else {}, new.flags.flags if new else {})


def _unequal(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    return (key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _by_key(flags: Iterable[WireFlag]) -> Mapping[str, WireFlag]:
    return {flag.key: flag for flag in flags}


def _changed_segments(before: Mapping[str, WireSegment], after: Mapping[str, WireSegment]) -> set[str]:
    """Return the keys of segments that changed, or that use a changed one."""
    found = set(_unequal(before, after))
    while found:
        using = {
            key
            for key, segment in after.items()
            if key not in found and not found.isdisjoint(segments_of_segment(segment))
        }
        if not using:
            break
        found |= using
    return found


def _add_dependents(found: set[str], after: Snapshot) -> None:
    """Add the flags that have a changed flag as a prerequisite, directly or through others."""
    dependents = [flag for shard in after.shards.values() for flag in shard.flags.dependents]
    while True:
        added = {
            flag.key
            for flag in dependents
            if flag.key not in found and any(each.flag in found for each in flag.prerequisites)
        }
        if not added:
            return
        found |= added
