"""Update a cached environment: the version log says which documents to read again."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist.model.flags import FlagSet, SnapshotVersion
from flaghoist_origin.storage.database.records import EnvironmentRecord, target
from flaghoist_origin.storage.database.tables import VERSION_LOG
from flaghoist_origin.storage.history.documents import Place, read_documents

MOST_VERSIONS = 100
MOST_DOCUMENTS = 200
"""Past this number of changes, reading the whole environment is simpler and hardly slower."""


class _Named(msgspec.Struct, frozen=True):
    """A logged change without its document, which a later version may have replaced."""

    collection: str
    key: str


_decode = msgspec.json.Decoder(tuple[_Named, ...]).decode


async def read_changed(
    connection: AsyncConnection, cached: EnvironmentRecord, to: SnapshotVersion
) -> tuple[FlagSet, Mapping[str, int]] | None:
    """Return the environment at ``to`` and the versions of removed entities, reading only what ``cached`` lacks.

    None if the log does not cover all changes in between, or covers too many.
    """
    places = await _changed_places(connection, cached, to)
    if places is None or len(places) > MOST_DOCUMENTS:
        return None
    found, removed = await read_documents(connection, cached.name, places)
    retired = {**cached.retired, **removed}
    entities: dict[str, dict[str, Any]] = {
        name: dict(members) for name, members in _collections(cached.flagset).items()
    }
    for collection, key in places:
        entity = _collections(found)[collection].get(key)
        if entity is None:
            entities[collection].pop(key, None)
        else:
            entities[collection][key] = entity
            retired.pop(target(collection, key), None)
    return FlagSet(**{name: dict(sorted(members.items())) for name, members in entities.items()}), retired


def _collections(flagset: FlagSet) -> Mapping[str, Mapping[str, Any]]:
    return {"flags": flagset.flags, "segments": flagset.segments, "groups": flagset.groups}


async def _changed_places(
    connection: AsyncConnection, cached: EnvironmentRecord, to: SnapshotVersion
) -> Sequence[Place] | None:
    if cached.epoch != to.epoch or not cached.version < to.version <= cached.version + MOST_VERSIONS:
        return None
    following = (
        VERSION_LOG.c.environment == cached.name,
        VERSION_LOG.c.epoch == to.epoch,
        VERSION_LOG.c.version > cached.version,
        VERSION_LOG.c.version <= to.version,
    )
    rows = (await connection.execute(select(VERSION_LOG.c.changes).where(*following))).all()
    if len(rows) != to.version - cached.version:
        return None
    return list(dict.fromkeys((change.collection, change.key) for row in rows for change in _decode(row.changes)))
