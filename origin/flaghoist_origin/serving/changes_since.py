"""The changes since a caller's version: the version log names the entities, memory has their present state."""

import msgspec

from flaghoist.errors import Unavailable
from flaghoist.model.flags import FlagSet, SnapshotVersion
from flaghoist_origin.serving.snapshot_document import PatchDocument, patch_document
from flaghoist_origin.storage.database.records import Collection, Entity, EnvironmentRecord
from flaghoist_origin.storage.history.version_log import LoggedChange, VersionLogStorage

Place = tuple[Collection, str]


async def changes_since(
    store: VersionLogStorage, record: EnvironmentRecord, since: SnapshotVersion
) -> PatchDocument | None:
    """Return the changes from ``since`` to ``record``, each entity once; None if the log is too short or fails."""
    if since.epoch != record.epoch or since > record.snapshot_version:
        return None
    try:
        changed = await _changed(store, record, since)
    except Unavailable:
        return None
    if changed is None:
        return None
    latest = (_latest(record.flagset, place) for place in changed)
    return patch_document(record.name, since, record.snapshot_version, latest)


async def _changed(store: VersionLogStorage, record: EnvironmentRecord, since: SnapshotVersion) -> set[Place] | None:
    places: set[Place] = set()
    at = since
    while at < record.snapshot_version:
        logged = await store.versions_after(record.name, at)
        if not logged:
            return None
        known = [each for each in logged if each.version <= record.snapshot_version]
        places.update((change.collection, change.key) for each in known for change in each.changes)
        at = logged[-1].version
    return places


def _latest(flagset: FlagSet, place: Place) -> LoggedChange:
    collection, key = place
    entity: Entity | None = getattr(flagset, collection).get(key)
    document = msgspec.Raw(msgspec.json.encode(entity))
    return LoggedChange(collection, key, "", False, document)
