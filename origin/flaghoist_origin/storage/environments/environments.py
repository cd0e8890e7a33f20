"""Environments: every write locks the environment's row, decides, raises the version and records the change."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist.errors import NotFound
from flaghoist.model.flags import FlagSet, SnapshotVersion
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.records import (
    SYSTEM,
    AuditLine,
    Author,
    Change,
    Committed,
    EnvironmentRecord,
    Marks,
)
from flaghoist_origin.storage.database.tables import ENVIRONMENTS, OUTBOX
from flaghoist_origin.storage.environments.key_rows import API_KEY_ROWS, SIGNING_KEY_ROWS
from flaghoist_origin.storage.history.audit_log import add_lines
from flaghoist_origin.storage.history.catching_up import read_changed
from flaghoist_origin.storage.history.documents import document_text, read_documents, write_documents
from flaghoist_origin.storage.history.version_log import log_version

Decide = Callable[[EnvironmentRecord], Change]


class Attribution(msgspec.Struct, frozen=True):
    """The author of a change, and the lines of the audit log beside those about changed documents."""

    author: Author
    lines: tuple[AuditLine, ...] = ()


class EnvironmentStorage:
    """The part of the store that reads and commits whole environments."""

    _database: Database
    _clock: Clock

    async def environments(self) -> tuple[str, ...]:
        """Return the names of all environments, sorted."""
        return tuple(sorted(await self.marks()))

    async def marks(self) -> Mapping[str, Marks]:
        """Return the marks of every environment: one small read, to see whether cached states are current."""
        columns = (ENVIRONMENTS.c.epoch, ENVIRONMENTS.c.version, ENVIRONMENTS.c.keys_version)
        query = select(ENVIRONMENTS.c.name, *columns).where(ENVIRONMENTS.c.removed_at_ms.is_(None))
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
            return {row[0]: Marks(row[1], row[2], row[3]) for row in rows}

    async def load(self, environment: str, cached: EnvironmentRecord | None = None) -> EnvironmentRecord:
        """Return an environment as committed, reading only what ``cached`` lacks; raise NotFound."""
        async with self._database.reading() as connection:
            row = await find_row(connection, environment)
            if cached and cached.marks == msgspec.structs.replace(_marks(row), keys_version=cached.marks.keys_version):
                return await _with_keys(connection, cached, row)
            return await read_environment(connection, row, cached)

    async def commit(
        self, environment: str, decide: Decide, author: Author, cached: EnvironmentRecord | None = None
    ) -> Committed:
        """Commit what ``decide`` makes from the committed state, all of it or nothing, and raise the version.

        ``decide`` runs in a thread while the environment is locked; if it raises, nothing is written. ``cached`` saves
        reading what it contains already.
        """
        async with self._database.writing() as connection:
            row = await find_row(connection, environment, lock=True)
            is_current = cached is not None and cached.marks == _marks(row)
            record = cached if cached and is_current else await read_environment(connection, row, cached)
            change = await asyncio.to_thread(decide, record)
            if not change.entities:
                return Committed(record, is_changed=False)
            marks = msgspec.structs.replace(record.marks, version=record.version + 1)
            after = changed(record, change, marks, self._clock.now_ms())
            await store_change(connection, record, after, change, Attribution(author))
        return Committed(after, is_changed=True)

    async def raise_epoch(self, environment: str, at_least: int, author: Author = SYSTEM) -> SnapshotVersion:
        """Begin a new epoch, ``at_least`` this one, so that the environment is ahead of KV."""
        async with self._database.writing() as connection:
            record = await read_environment(connection, await find_row(connection, environment, lock=True))
            marks = Marks(max(record.epoch + 1, at_least), record.version + 1, record.marks.keys_version)
            after = _committed(record, marks, self._clock.now_ms())
            await _store_marks(connection, after)
            await log_version(connection, after, ())
            line = AuditLine("epoch_raised", "environment")
            await add_lines(connection, after, author, after.committed_at_ms, [line])
        return after.snapshot_version


async def lock_environment(connection: AsyncConnection, environment: str) -> EnvironmentRecord:
    """Lock the environment's row until the transaction ends; return the environment without its documents."""
    return _record(await find_row(connection, environment, lock=True))


async def count_key_change(connection: AsyncConnection, environment: str) -> None:
    """Raise the key version, so that every reader of the environment sees that its keys have changed."""
    counted = {"keys_version": ENVIRONMENTS.c.keys_version + 1}
    await connection.execute(update(ENVIRONMENTS).where(ENVIRONMENTS.c.name == environment).values(counted))


async def find_row(connection: AsyncConnection, environment: str, *, lock: bool = False) -> Any:
    """Return the environment's row, locked until the transaction ends if requested; raise NotFound."""
    query = select(ENVIRONMENTS).where(ENVIRONMENTS.c.name == environment, ENVIRONMENTS.c.removed_at_ms.is_(None))
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    if row is None:
        raise NotFound(f"there is no environment {environment}")
    return row


async def read_environment(
    connection: AsyncConnection, row: Any, cached: EnvironmentRecord | None = None
) -> EnvironmentRecord:
    """Return the environment of ``row`` with its content; unchanged parts come from ``cached``, an earlier state."""
    known = await read_changed(connection, cached, _record(row).snapshot_version) if cached else None
    flagset, retired = known or await read_documents(connection, row.name)
    record = msgspec.structs.replace(_record(row), flagset=flagset, retired=retired)
    return await _with_keys(connection, record, row)


async def _with_keys(connection: AsyncConnection, record: EnvironmentRecord, row: Any) -> EnvironmentRecord:
    """Return ``record`` with its stored keys and everything that depends on them."""
    return msgspec.structs.replace(
        record,
        marks=_marks(row),
        keys=await API_KEY_ROWS.read_keys(connection, row.name),
        signing_keys=await SIGNING_KEY_ROWS.read_keys(connection, row.name),
        signed_only_since_ms=row.signed_only_since_ms,
    )


def _record(row: Any) -> EnvironmentRecord:
    since_ms = row.signed_only_since_ms
    return EnvironmentRecord(row.name, _marks(row), row.committed_at_ms, FlagSet(), signed_only_since_ms=since_ms)


def _marks(row: Any) -> Marks:
    return Marks(row.epoch, row.version, row.keys_version)


def changed(record: EnvironmentRecord, change: Change, marks: Marks, now_ms: int) -> EnvironmentRecord:
    """Return ``record`` after ``change``, at ``marks``."""
    retired = dict(record.retired)
    for entity in change.entities:
        retired.pop(entity.target, None)
        if entity.after is None and entity.before is not None:
            retired[entity.target] = entity.before.version
    return msgspec.structs.replace(_committed(record, marks, now_ms), flagset=change.flagset, retired=retired)


def _committed(record: EnvironmentRecord, marks: Marks, now_ms: int) -> EnvironmentRecord:
    """Return ``record`` at ``marks``; commit times grow with versions even when the clock goes back."""
    at_ms = max(now_ms, record.committed_at_ms + 1)
    return msgspec.structs.replace(record, marks=marks, committed_at_ms=at_ms)


async def store_change(
    connection: AsyncConnection, before: EnvironmentRecord, after: EnvironmentRecord, change: Change, by: Attribution
) -> None:
    """Write everything that leads from ``before`` to ``after``, and add it to the audit log."""
    await write_documents(connection, before, change)
    await _store_marks(connection, after)
    if change.entities:
        await log_version(connection, after, change.entities)
    await add_lines(connection, after, by.author, after.committed_at_ms, [*_lines(change), *by.lines])


async def _store_marks(connection: AsyncConnection, record: EnvironmentRecord) -> None:
    committed = {"committed_at_ms": record.committed_at_ms}
    values = {**msgspec.structs.asdict(record.marks), **committed}
    await connection.execute(update(ENVIRONMENTS).where(ENVIRONMENTS.c.name == record.name).values(values))
    waiting = {"environment": record.name, "epoch": record.epoch, "version": record.version, **committed}
    await connection.execute(insert(OUTBOX), waiting)


def _lines(change: Change) -> list[AuditLine]:
    lines = [
        AuditLine(entity.action, entity.target, document_text(entity.before), document_text(entity.after))
        for entity in change.entities
    ]
    if change.summary:
        counts = msgspec.json.encode(change.summary.after).decode()
        lines.append(AuditLine(change.summary.action, change.summary.target, None, counts))
    return lines
