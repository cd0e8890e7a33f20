"""Earlier versions, reconstructed from the audit log: the present state with all later changes undone."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist.errors import NotFound
from flaghoist.model.flags import FlagSet, SnapshotVersion
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.records import Entity
from flaghoist_origin.storage.database.tables import AUDIT
from flaghoist_origin.storage.history.audit_log import below
from flaghoist_origin.storage.history.documents import DECODERS, read_documents


class HistoryStorage:
    """The part of the store that reads earlier versions of an environment."""

    _database: Database

    async def flagset_at(self, environment: str, version: SnapshotVersion) -> FlagSet:
        """Return the flags, segments and groups as committed at ``version``; raise NotFound.

        For an entity that changed later, the first change since then contains its earlier state.
        """
        async with self._database.reading() as connection:
            if not await _was_committed(connection, environment, version):
                raise NotFound(f"{environment} was never at version {version}: `flaghoist audit` lists its versions")
            flagset, _ = await read_documents(connection, environment)
            undone = await _before_first_changes(connection, environment, version)
        return FlagSet(**{name: _with(name, getattr(flagset, name), undone) for name in DECODERS})


async def _was_committed(connection: AsyncConnection, environment: str, version: SnapshotVersion) -> bool:
    named = tuple_(AUDIT.c.epoch, AUDIT.c.version) == (version.epoch, version.version)
    query = select(AUDIT.c.id).where(AUDIT.c.environment == environment, named).limit(1)
    return (await connection.execute(query)).first() is not None


async def _before_first_changes(
    connection: AsyncConnection, environment: str, version: SnapshotVersion
) -> Mapping[str, str | None]:
    is_later = tuple_(AUDIT.c.epoch, AUDIT.c.version) > (version.epoch, version.version)
    first = select(func.min(AUDIT.c.id)).where(AUDIT.c.environment == environment, is_later, _is_document())
    query = select(AUDIT.c.target, AUDIT.c.before).where(AUDIT.c.id.in_(first.group_by(AUDIT.c.target)))
    return {row[0]: row[1] for row in await connection.execute(query)}


def _is_document() -> ColumnElement[bool]:
    return or_(*(below(collection) for collection in DECODERS))


def _with(collection: str, held: Mapping[str, Entity], undone: Mapping[str, str | None]) -> dict[str, Any]:
    """Return one collection with the entities of ``undone`` restored, or removed if they did not exist."""
    found: dict[str, Any] = dict(held)
    for target, before in undone.items():
        owner, _, key = target.partition("/")
        if owner != collection:
            continue
        if before is None:
            found.pop(key, None)
        else:
            found[key] = DECODERS[collection](before)
    return dict(sorted(found.items()))
