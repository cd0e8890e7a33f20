"""Put, patch or remove one flag, segment or group: pure functions from the committed state to a change."""

from collections.abc import Mapping

import msgspec

from flaghoist.errors import InputError, NotFound
from flaghoist.model.flags import Flag, FlagSet, Group
from flaghoist_origin.control.entities import COLLECTIONS
from flaghoist_origin.control.merge_patch import merge
from flaghoist_origin.control.preconditions import Preconditions
from flaghoist_origin.control.salts import new_salt
from flaghoist_origin.storage.database.records import (
    Change,
    Collection,
    Entity,
    EntityChange,
    EnvironmentRecord,
    target,
)


class Place(msgspec.Struct, frozen=True):
    """The collection and key of an entity."""

    collection: Collection
    key: str

    @property
    def subject(self) -> str:
        """Return the entity's name in messages."""
        return f"{COLLECTIONS[self.collection].singular} {self.key}"

    @property
    def target(self) -> str:
        """Return the entity's name in the audit log and URLs."""
        return target(self.collection, self.key)


def entity_tag(entity: Entity) -> str:
    """Return the strong ETag of an entity: its version."""
    return f'"{entity.version}"'


def entities_of(flagset: FlagSet, collection: Collection) -> Mapping[str, Entity]:
    """Return the flags, segments or groups of ``flagset``, sorted by key."""
    found: Mapping[str, Entity] = getattr(flagset, collection)
    return found


def find(flagset: FlagSet, place: Place) -> Entity:
    """Return the entity at ``place``; raise NotFound."""
    entity = entities_of(flagset, place.collection).get(place.key)
    if entity is None:
        raise NotFound(f"there is no {place.subject}")
    return entity


def read_document(place: Place, document: object) -> Entity:
    """Return the entity in a request body; its key may be absent but must not differ from the path's."""
    if not isinstance(document, dict):
        raise InputError.at("$", f"must be a JSON object that describes {place.subject}")
    if document.get("key", place.key) != place.key:
        raise InputError.at("$.key", f"the path says {place.key!r}: leave the key out, or write to its own path")
    return COLLECTIONS[place.collection].read({**document, "key": place.key})


def put(record: EnvironmentRecord, place: Place, entity: Entity, conditions: Preconditions) -> Change:
    """Return the change that stores ``entity`` at ``place``, if ``conditions`` hold and the whole set stays valid."""
    before = entities_of(record.flagset, place.collection).get(place.key)
    conditions.check_write(place.subject, entity_tag(before) if before else None)
    return _replaced(record, place, before, entity)


def patch(record: EnvironmentRecord, place: Place, document: object, conditions: Preconditions) -> Change:
    """Return the change that merges ``document`` into the entity at ``place``."""
    before = find(record.flagset, place)
    conditions.check_write(place.subject, entity_tag(before))
    if not isinstance(document, dict):
        raise InputError.at("$", f"must be a JSON object with what changes in {place.subject}")
    merged = merge(msgspec.to_builtins(before), document)
    return _replaced(record, place, before, read_document(place, merged))


def remove(record: EnvironmentRecord, place: Place, conditions: Preconditions) -> Change:
    """Return the change that archives a flag, or removes a segment or group that nothing uses."""
    before = find(record.flagset, place)
    conditions.check_write(place.subject, entity_tag(before))
    if isinstance(before, Flag):
        return _replaced(record, place, before, msgspec.structs.replace(before, archived=True))
    COLLECTIONS[place.collection].refuse_removal(place.key, record.flagset)
    flagset = with_entities(record.flagset, place.collection, {place.key: None})
    return Change(flagset, (EntityChange(place.collection, place.key, "removed", before, None),))


def dependents(flagset: FlagSet, key: str) -> tuple[str, ...]:
    """Return the keys of the live flags that have the flag ``key`` as a prerequisite."""
    return tuple(
        flag.key
        for flag in flagset.flags.values()
        if not flag.archived and any(prerequisite.flag == key for prerequisite in flag.prerequisites)
    )


def entity_change(
    record: EnvironmentRecord, place: Place, before: Entity | None, entity: Entity
) -> EntityChange | None:
    """Return the change to ``entity`` with salt and version filled in; None if it equals ``before``."""
    salted = _salted(entity, before)
    if before is not None:
        unchanged = msgspec.structs.replace(salted, version=before.version)
        if msgspec.json.encode(unchanged) == msgspec.json.encode(before):
            return None
    last = before.version if before else record.retired.get(place.target, 0)
    after = msgspec.structs.replace(salted, version=last + 1)
    return EntityChange(place.collection, place.key, _action(before, after), before, after)


def with_entities(flagset: FlagSet, collection: Collection, changed: Mapping[str, Entity | None]) -> FlagSet:
    """Return ``flagset`` with entities stored or (None) removed, still sorted by key."""
    merged: dict[str, Entity | None] = {**entities_of(flagset, collection), **changed}
    kept = {key: merged[key] for key in sorted(merged) if merged[key] is not None}
    return msgspec.structs.replace(flagset, **{collection: kept})


def _replaced(record: EnvironmentRecord, place: Place, before: Entity | None, entity: Entity) -> Change:
    change = entity_change(record, place, before, entity)
    if change is None or change.after is None:
        return Change(record.flagset, ())
    COLLECTIONS[place.collection].check(change.after, record.flagset)
    return Change(with_entities(record.flagset, place.collection, {place.key: change.after}), (change,))


def _salted(entity: Entity, before: Entity | None) -> Entity:
    """Return ``entity`` with a salt if its kind has one: its own, else the previous one, else a new one."""
    if not isinstance(entity, Flag | Group) or entity.salt:
        return entity
    kept = before.salt if isinstance(before, Flag | Group) else ""
    return msgspec.structs.replace(entity, salt=kept or new_salt())


def _action(before: Entity | None, after: Entity) -> str:
    if before is None:
        return "created"
    if isinstance(before, Flag) and isinstance(after, Flag) and before.archived != after.archived:
        return "archived" if after.archived else "restored"
    return "updated"
