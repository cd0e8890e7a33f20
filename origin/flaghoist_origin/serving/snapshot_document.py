"""An environment as one JSON document: all of it, or the changes since an earlier version."""

from collections.abc import Iterable, Mapping

import msgspec

from flaghoist.model.flags import Flag, FlagSet, Group, Segment, SnapshotVersion
from flaghoist_origin.storage.database.records import Collection, EnvironmentRecord
from flaghoist_origin.storage.history.version_log import LoggedChange

COLLECTIONS: tuple[Collection, ...] = ("flags", "segments", "groups")


class SnapshotDocument(msgspec.Struct, frozen=True):
    """An environment as the API gives it; lists are sorted by key."""

    environment: str
    epoch: int
    version: int
    flags: tuple[Flag, ...]
    segments: tuple[Segment, ...]
    groups: tuple[Group, ...]


class PatchDocument(msgspec.Struct, frozen=True):
    """The changes from ``since`` to a version: the new state of changed entities, and the keys of removed ones."""

    environment: str
    epoch: int
    version: int
    since: str
    flags: tuple[msgspec.Raw, ...]
    segments: tuple[msgspec.Raw, ...]
    groups: tuple[msgspec.Raw, ...]
    removed: Mapping[Collection, tuple[str, ...]]


def snapshot_document(record: EnvironmentRecord) -> SnapshotDocument:
    """Return the whole environment."""
    return document_of(record.name, record.snapshot_version, record.flagset)


def document_of(environment: str, version: SnapshotVersion, flagset: FlagSet) -> SnapshotDocument:
    """Return the content of an environment at ``version``."""
    lists = (tuple(flagset.flags.values()), tuple(flagset.segments.values()), tuple(flagset.groups.values()))
    return SnapshotDocument(environment, version.epoch, version.version, *lists)


def patch_document(
    environment: str, since: SnapshotVersion, version: SnapshotVersion, changes: Iterable[LoggedChange]
) -> PatchDocument:
    """Return the changes after ``since``: the latest per entity in ``changes``, sorted by key."""
    latest = {(change.collection, change.key): change for change in changes}
    ordered = [latest[place] for place in sorted(latest)]
    kept: dict[Collection, tuple[msgspec.Raw, ...]] = {
        name: tuple(each.document for each in ordered if each.collection == name and not each.is_removal)
        for name in COLLECTIONS
    }
    removed: dict[Collection, tuple[str, ...]] = {
        name: tuple(each.key for each in ordered if each.collection == name and each.is_removal) for name in COLLECTIONS
    }
    return PatchDocument(
        environment,
        version.epoch,
        version.version,
        str(since),
        kept["flags"],
        kept["segments"],
        kept["groups"],
        removed,
    )
