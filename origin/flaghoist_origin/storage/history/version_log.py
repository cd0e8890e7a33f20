"""The version log: the changes of each committed version, one row each, written in the transaction of the commit."""

from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec
from sqlalchemy import ColumnElement, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist.model.flags import Flag, SnapshotVersion
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.records import Collection, EntityChange, EnvironmentRecord
from flaghoist_origin.storage.database.tables import VERSION_LOG

ROWS_AT_ONCE = 200
CHARACTERS_AT_ONCE = 1_000_000


class LoggedChange(msgspec.Struct, frozen=True):
    """One flag, segment or group after a change; ``document`` is its JSON, ``null`` if it was removed.

    ``visible`` says whether browsers may see it: a flag that was visible to clients before or after the change.
    """

    collection: Collection
    key: str
    action: str
    visible: bool
    document: msgspec.Raw

    @property
    def is_removal(self) -> bool:
        """Return whether the entity was removed."""
        return bytes(self.document) == b"null"


class LoggedVersion(msgspec.Struct, frozen=True):
    """One committed version and its changes; a version without changes begins an epoch."""

    version: SnapshotVersion
    committed_at_ms: int
    changes: tuple[LoggedChange, ...]
    size: int = 0


_decode = msgspec.json.Decoder(tuple[LoggedChange, ...]).decode


async def log_version(connection: AsyncConnection, record: EnvironmentRecord, entities: Iterable[EntityChange]) -> None:
    """Append the changes of the version of ``record``."""
    changes = [
        {
            "collection": entity.collection,
            "key": entity.key,
            "action": entity.action,
            "visible": _is_visible(entity),
            "document": entity.after,
        }
        for entity in entities
    ]
    row = {
        "environment": record.name,
        "epoch": record.epoch,
        "version": record.version,
        "committed_at_ms": record.committed_at_ms,
        "changes": msgspec.json.encode(changes).decode(),
    }
    await connection.execute(insert(VERSION_LOG), row)


class VersionLogStorage:
    """The part of the store that reads and prunes the version log."""

    _database: Database

    async def versions_after(
        self, environment: str, after: SnapshotVersion, limit: int = ROWS_AT_ONCE
    ) -> Sequence[LoggedVersion]:
        """Return up to ``limit`` versions that follow ``after`` in its epoch, in order and without a gap.

        Fewer are returned if their documents are large, but at least one if there is any; none if the log does not
        reach back to ``after``, or has nothing newer.
        """
        columns = (VERSION_LOG.c.version, VERSION_LOG.c.committed_at_ms, VERSION_LOG.c.changes)
        following = (
            VERSION_LOG.c.environment == environment,
            VERSION_LOG.c.epoch == after.epoch,
            VERSION_LOG.c.version > after.version,
        )
        async with self._database.reading() as connection:
            last = after.version + limit if limit == 1 else await _last_within(connection, following, limit)
            query = select(*columns).where(*following, VERSION_LOG.c.version <= last)
            rows = (await connection.execute(query.order_by(VERSION_LOG.c.version))).all()
        found = []
        for expected, row in enumerate(rows, after.version + 1):
            if row.version != expected:
                break
            version = SnapshotVersion(after.epoch, row.version)
            found.append(LoggedVersion(version, row.committed_at_ms, _decode(row.changes), len(row.changes)))
        return found

    async def prune_versions(self, environment: str, latest: SnapshotVersion, before_ms: int, keep: int) -> int:
        """Delete versions committed before ``before_ms``, but never the ``keep`` latest of the epoch of ``latest``.

        Returns how many rows were deleted.
        """
        outdated = or_(VERSION_LOG.c.epoch < latest.epoch, VERSION_LOG.c.version <= latest.version - keep)
        old = (VERSION_LOG.c.environment == environment, VERSION_LOG.c.committed_at_ms < before_ms)
        async with self._database.writing() as connection:
            return (await connection.execute(delete(VERSION_LOG).where(*old, outdated))).rowcount


async def _last_within(connection: AsyncConnection, following: Sequence[ColumnElement[bool]], limit: int) -> int:
    """Return the last of the ``following`` versions that are read at once."""
    sizes = select(VERSION_LOG.c.version, func.length(VERSION_LOG.c.changes)).where(*following)
    rows = (await connection.execute(sizes.order_by(VERSION_LOG.c.version).limit(limit))).all()
    totals = accumulate(row[1] for row in rows)
    within = [row[0] for row, total in zip(rows, totals, strict=True) if total <= CHARACTERS_AT_ONCE]
    return max(within, default=rows[0][0] if rows else 0)


def _is_visible(entity: EntityChange) -> bool:
    return any(isinstance(flag, Flag) and flag.client_visible for flag in (entity.before, entity.after))
