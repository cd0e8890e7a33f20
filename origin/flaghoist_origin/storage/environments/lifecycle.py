"""Environments are created empty or full and removed; a removed name keeps its epoch and is created again above it."""

from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist.errors import Conflict
from flaghoist.model.flags import FlagSet
from flaghoist.validation.parts.names import check_environment_name
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.records import (
    SYSTEM,
    AnyKey,
    AuditLine,
    Author,
    Change,
    EnvironmentRecord,
    KeyRecord,
    Marks,
)
from flaghoist_origin.storage.database.tables import ENVIRONMENTS, PUBLICATIONS
from flaghoist_origin.storage.environments.environments import (
    Attribution,
    Decide,
    changed,
    find_row,
    read_environment,
    store_change,
)
from flaghoist_origin.storage.environments.key_rows import API_KEY_ROWS, SIGNING_KEY_ROWS, KeyRows

NOTHING = Change(FlagSet(), ())
FIRST_EPOCH = 1


def leave_empty(_: EnvironmentRecord) -> Change:
    """Leave a new environment empty."""
    return NOTHING


class LifecycleStorage:
    """The part of the store that creates and removes environments."""

    _database: Database
    _clock: Clock

    async def create_environment(
        self,
        name: str,
        author: Author = SYSTEM,
        *,
        decide: Decide = leave_empty,
        keys: tuple[KeyRecord, ...] = (),
        details: str | None = None,
    ) -> bool:
        """Create an environment with the content of ``decide`` and with ``keys``; return False if it exists.

        It starts at version 0, or 1 if it is not empty; in the first epoch, or in the one after the epoch of a removed
        environment of this name was removed. ``details`` is JSON for the audit log.
        """
        check_environment_name(name, "$.name")
        async with self._database.writing() as connection:
            row = await _any_row(connection, name)
            if row is not None and row.removed_at_ms is None:
                return False
            if row is None:
                if not await _is_inserted(connection, name):
                    return False
                row = await find_row(connection, name)
            else:
                await connection.execute(_environment(name).values(removed_at_ms=None, signed_only_since_ms=None))
            before = msgspec.structs.replace(await read_environment(connection, row), keys=())
            change = decide(before)
            marks = Marks(before.epoch + 1, 1 if change.entities else 0, before.marks.keys_version + 1)
            after = changed(before, change, marks, self._clock.now_ms())
            for key in keys:
                await API_KEY_ROWS.store_key(connection, key)
            issued = (API_KEY_ROWS.audit_line("issued", None, key) for key in keys)
            lines = (AuditLine("created", "environment", None, details), *issued)
            await store_change(connection, before, after, change, Attribution(author, lines))
        return True

    async def ensure_environment(self, name: str) -> None:
        """Create an empty environment unless one of this name exists or ever existed."""
        async with self._database.reading() as connection:
            is_known = await _any_row(connection, name, lock=False) is not None
        if not is_known:
            await self.create_environment(name)

    async def remove_environment(self, name: str, decide: Decide, author: Author) -> EnvironmentRecord:
        """Empty an environment by ``decide``, revoke all its keys and release its name; return its last state.

        Its audit log stays, and contains the flags. Raises NotFound, and Conflict for the last environment.
        """
        async with self._database.writing() as connection:
            await _refuse_last(connection, name)
            before = await read_environment(connection, await find_row(connection, name, lock=True))
            change = decide(before)
            marks = Marks(before.epoch, before.version + 1, before.marks.keys_version + 1)
            after = changed(before, change, marks, self._clock.now_ms())
            revoked = await _revoke_all(connection, name, after.committed_at_ms)
            lines = (*revoked, AuditLine("removed", "environment"))
            await store_change(connection, before, after, change, Attribution(author, lines))
            await connection.execute(_environment(name).values(removed_at_ms=after.committed_at_ms))
        return before


async def _any_row(connection: AsyncConnection, name: str, *, lock: bool = True) -> Any:
    """Return the environment's row, even if it is removed; None if there never was one."""
    query = select(ENVIRONMENTS).where(ENVIRONMENTS.c.name == name)
    return (await connection.execute(query.with_for_update() if lock else query)).first()


async def _is_inserted(connection: AsyncConnection, name: str) -> bool:
    row = {"name": name, "epoch": FIRST_EPOCH - 1, "version": 0, "keys_version": -1, "committed_at_ms": 0}
    try:
        async with connection.begin_nested():
            await connection.execute(insert(ENVIRONMENTS), row)
    except IntegrityError:  # another origin that starts at the same time was faster
        return False
    await connection.execute(insert(PUBLICATIONS), {"environment": name, "lease_until_ms": 0})
    return True


async def _refuse_last(connection: AsyncConnection, name: str) -> None:
    """Check that another environment stays; all are locked in one order, so that two removals cannot both pass."""
    query = select(ENVIRONMENTS.c.name).where(ENVIRONMENTS.c.removed_at_ms.is_(None)).order_by(ENVIRONMENTS.c.name)
    if (await connection.execute(query.with_for_update())).scalars().all() == [name]:
        raise Conflict(f"{name} is the only environment: create another one first")


async def _revoke_all(connection: AsyncConnection, name: str, at_ms: int) -> list[AuditLine]:
    return [
        *await _revoke(API_KEY_ROWS, connection, name, at_ms),
        *await _revoke(SIGNING_KEY_ROWS, connection, name, at_ms),
    ]


async def _revoke(rows: KeyRows[AnyKey], connection: AsyncConnection, name: str, at_ms: int) -> list[AuditLine]:
    lines = []
    for key in await rows.read_keys(connection, name):
        if key.revoked_at_ms is None:
            revoked = msgspec.structs.replace(key, revoked_at_ms=at_ms)
            await rows.store_key(connection, revoked)
            lines.append(rows.audit_line("revoked", key, revoked))
    return lines


def _environment(name: str) -> Any:
    return update(ENVIRONMENTS).where(ENVIRONMENTS.c.name == name)
