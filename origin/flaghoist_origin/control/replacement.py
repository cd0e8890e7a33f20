"""Replace a whole environment at once: equal entities keep their version, missing ones are removed."""

from collections import Counter
from collections.abc import Iterator, Mapping

from flaghoist.model.flags import FlagSet, SnapshotVersion
from flaghoist_origin.control.edits import Place, entities_of, entity_change
from flaghoist_origin.control.preconditions import Preconditions
from flaghoist_origin.storage.database.records import Change, Collection, EntityChange, EnvironmentRecord, Summary

ORDER: tuple[Collection, ...] = ("flags", "segments", "groups")


def snapshot_tag(version: SnapshotVersion) -> str:
    """Return the strong ETag of a whole environment."""
    return f'"{version}"'


def replace_all(record: EnvironmentRecord, wanted: FlagSet, conditions: Preconditions) -> Change:
    """Return the change after which the environment contains exactly ``wanted``, which is valid as a whole."""
    return replaced(record, wanted, conditions, "replaced", {})


def replaced(
    record: EnvironmentRecord, wanted: FlagSet, conditions: Preconditions, action: str, details: Mapping[str, str]
) -> Change:
    """Return the same change, with ``action`` as its name in the audit log and ``details`` as its details."""
    conditions.check_write(f"the snapshot of {record.name}", snapshot_tag(record.snapshot_version))
    changes = tuple(change for collection in ORDER for change in _changes(record, wanted, collection))
    if not changes:
        return Change(record.flagset, ())
    counts = Counter(change.action for change in changes)
    return Change(_flagset(record.flagset, changes), changes, Summary("snapshot", action, {**details, **counts}))


def _changes(record: EnvironmentRecord, wanted: FlagSet, collection: Collection) -> Iterator[EntityChange]:
    present, new = entities_of(record.flagset, collection), entities_of(wanted, collection)
    for key in sorted(present.keys() | new.keys()):
        if key not in new:
            yield EntityChange(collection, key, "removed", present[key], None)
        elif change := entity_change(record, Place(collection, key), present.get(key), new[key]):
            yield change


def _flagset(present: FlagSet, changes: tuple[EntityChange, ...]) -> FlagSet:
    entities = {collection: dict(entities_of(present, collection)) for collection in ORDER}
    for change in changes:
        if change.after is None:
            del entities[change.collection][change.key]
        else:
            entities[change.collection][change.key] = change.after
    return FlagSet(**{name: dict(sorted(found.items())) for name, found in entities.items()})  # type: ignore[arg-type]
