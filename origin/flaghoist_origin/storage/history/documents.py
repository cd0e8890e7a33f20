"""Flags, segments and groups as rows of JSON: read a whole environment, write the documents of a change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist.model.flags import Flag, FlagSet, Group, Segment
from flaghoist_origin.storage.database.records import Change, EntityChange, EnvironmentRecord, target
from flaghoist_origin.storage.database.tables import DOCUMENTS

DECODERS: Mapping[str, Callable[[str], Any]] = {
    "flags": msgspec.json.Decoder(Flag).decode,
    "segments": msgspec.json.Decoder(Segment).decode,
    "groups": msgspec.json.Decoder(Group).decode,
}


Place = tuple[str, str]
"""The place of a document in its environment: collection and key."""


async def read_documents(
    connection: AsyncConnection, environment: str, places: Sequence[Place] | None = None
) -> tuple[FlagSet, Mapping[str, int]]:
    """Return everything in the environment by key, sorted, and the last versions of removed entities.

    With ``places``, only the documents at these places.
    """
    columns = (DOCUMENTS.c.collection, DOCUMENTS.c.key, DOCUMENTS.c.version, DOCUMENTS.c.body)
    query = select(*columns).where(DOCUMENTS.c.environment == environment)
    if places is not None:
        query = query.where(tuple_(DOCUMENTS.c.collection, DOCUMENTS.c.key).in_(places))
    found: dict[str, dict[str, Any]] = {collection: {} for collection in DECODERS}
    retired: dict[str, int] = {}
    for collection, key, version, body in await connection.execute(query):
        if body is None:
            retired[target(collection, key)] = version
        else:
            found[collection][key] = DECODERS[collection](body)
    return FlagSet(**{name: dict(sorted(entities.items())) for name, entities in found.items()}), retired


async def write_documents(connection: AsyncConnection, record: EnvironmentRecord, change: Change) -> None:
    """Write every entity of ``change``; a removed one keeps its row and version, without a body."""
    new = [entity for entity in change.entities if entity.before is None and entity.target not in record.retired]
    known = [entity for entity in change.entities if entity.before is not None or entity.target in record.retired]
    if new:
        await connection.execute(insert(DOCUMENTS), _rows(record.name, new))
    if known:
        await connection.execute(_update(), [_prefixed(row) for row in _rows(record.name, known)])


def document_text(entity: msgspec.Struct | None) -> str | None:
    """Return the JSON text of an entity, None for none."""
    return None if entity is None else msgspec.json.encode(entity).decode()


def _rows(environment: str, entities: Iterable[EntityChange]) -> list[dict[str, object]]:
    return [
        {
            "environment": environment,
            "collection": entity.collection,
            "key": entity.key,
            "version": _version(entity),
            "body": document_text(entity.after),
        }
        for entity in entities
    ]


def _version(entity: EntityChange) -> int:
    last = entity.after or entity.before
    return last.version if last else 0


def _prefixed(row: dict[str, object]) -> dict[str, object]:
    return {f"new_{name}": value for name, value in row.items()}


def _update() -> Any:
    keys = (DOCUMENTS.c.environment, DOCUMENTS.c.collection, DOCUMENTS.c.key)
    return (
        update(DOCUMENTS)
        .where(*(column == bindparam(f"new_{column.name}") for column in keys))
        .values(version=bindparam("new_version"), body=bindparam("new_body"))
    )
