"""Restore a backup in one transaction, under an epoch above everything that edges may have.

An environment that the database does not know is created with its documents, keys and audit log. One that it does know
gets the file's flags, segments and groups as one more change: its own audit log continues, keys that it has revoked
stay revoked, and keys that it has issued since stay valid.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import Table, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist.errors import Conflict
from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.backups.contents import EnvironmentContents, Values, audit_rows, read_contents
from flaghoist_origin.backups.document import Header, read_header
from flaghoist_origin.control.preconditions import Preconditions, Tags
from flaghoist_origin.control.replacement import replaced
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.records import AuditLine, Author, Change, EnvironmentRecord, Marks
from flaghoist_origin.storage.database.tables import (
    API_KEYS,
    AUDIT,
    DOCUMENTS,
    ENVIRONMENTS,
    PUBLICATIONS,
    SIGNING_KEYS,
)
from flaghoist_origin.storage.environments.environments import (
    Attribution,
    changed,
    read_environment,
    store_change,
)

T = TypeVar("T")
ANY_STATE = Preconditions(if_match=Tags(is_any=True))
BATCH = 500
AUTHOR = Author("restore", "flaghoist restore")


class Restored(msgspec.Struct, frozen=True):
    """One environment after a restore: its version in the file, and its version now."""

    environment: str
    was: str
    version: str
    is_removed: bool


class Restore(msgspec.Struct, frozen=True):
    """The options of a restore: ``kv_epochs`` are the epochs in KV, as far as they are known."""

    path: Path
    kv_epochs: Mapping[str, int] = {}
    replaces: bool = False
    author: Author = AUTHOR


async def restore(database: Database, wanted: Restore, now_ms: int) -> tuple[Restored, ...]:
    """Restore the file's environments into ``database``, all or none; other environments stay as they are.

    Raises InputError for an incomplete file, and Conflict for a database that is not empty unless ``replace`` is set.
    """
    header = read_header(wanted.path)
    contents = read_contents(wanted.path)
    async with database.writing() as connection:
        if not wanted.replaces:
            await _refuse_overwriting(connection)
        known = await _known(connection, contents)
        # An environment that was removed before the backup is skipped if its name is known: it may be in use again.
        taken = {name: one for name, one in contents.items() if name not in known or one.row["removed_at_ms"] is None}
        anew = {name for name in taken if name not in known or await _is_pristine(connection, name)}
        for name in anew:
            await _insert(connection, taken[name], is_known=name in known)
        await _insert_audit(connection, wanted.path, anew)
        plan = _Plan(wanted, header, frozenset(anew), now_ms)
        return tuple([await _restore(connection, one, plan) for one in taken.values()])


class _Plan(msgspec.Struct, frozen=True):
    wanted: Restore
    header: Header
    anew: frozenset[str]
    now_ms: int


async def _restore(connection: AsyncConnection, contents: EnvironmentContents, plan: _Plan) -> Restored:
    name: str = contents.row["name"]
    row = (await connection.execute(select(ENVIRONMENTS).where(ENVIRONMENTS.c.name == name).with_for_update())).one()
    before = await read_environment(connection, row)
    if name in plan.anew:
        change = Change(before.flagset, ())
    else:
        change = replaced(before, contents.flagset(), ANY_STATE, "replaced", {})
        await _add_unknown_keys(connection, before, contents)
    was = SnapshotVersion(contents.row["epoch"], contents.row["version"])
    epoch = 1 + max(was.epoch, before.epoch, plan.wanted.kv_epochs.get(name, 0))
    marks = Marks(epoch, was.version, before.marks.keys_version + 1)
    after = changed(before, change, marks, plan.now_ms)
    details = {"version": str(was), "backup_of_ms": plan.header.created_at_ms}
    line = AuditLine("restored", "environment", None, msgspec.json.encode(details).decode())
    await store_change(connection, before, after, change, Attribution(plan.wanted.author, (line,)))
    removed_at_ms = contents.row["removed_at_ms"]
    removal = update(ENVIRONMENTS).where(ENVIRONMENTS.c.name == name).values(removed_at_ms=removed_at_ms)
    await connection.execute(removal)
    return Restored(name, str(was), str(after.snapshot_version), removed_at_ms is not None)


async def _refuse_overwriting(connection: AsyncConnection) -> None:
    for table in (DOCUMENTS, API_KEYS):
        if (await connection.execute(select(exists().select_from(table)))).scalar():
            raise Conflict("the database is not empty: restore into an empty one, or give --replace")


async def _known(connection: AsyncConnection, names: Iterable[str]) -> AbstractSet[str]:
    query = select(ENVIRONMENTS.c.name).where(ENVIRONMENTS.c.name.in_(list(names)))
    return set((await connection.execute(query)).scalars())


async def _is_pristine(connection: AsyncConnection, name: str) -> bool:
    """Return whether nothing was ever written to an environment, which the first start creates."""
    counts = [
        (await connection.execute(select(exists().where(table.c.environment == name)))).scalar()
        for table in (DOCUMENTS, API_KEYS)
    ]
    return not any(counts)


async def _insert(connection: AsyncConnection, contents: EnvironmentContents, *, is_known: bool) -> None:
    name = contents.row["name"]
    if is_known:
        rest = {column: value for column, value in contents.row.items() if column not in {"name", "epoch"}}
        await connection.execute(update(ENVIRONMENTS).where(ENVIRONMENTS.c.name == name).values(rest))
    else:
        await connection.execute(insert(ENVIRONMENTS), contents.row)
        await connection.execute(insert(PUBLICATIONS), {"environment": name, "lease_until_ms": 0})
    await _insert_all(connection, DOCUMENTS, contents.documents)
    await _insert_all(connection, API_KEYS, contents.keys)
    await _insert_all(connection, SIGNING_KEYS, contents.signing_keys)


async def _insert_audit(connection: AsyncConnection, path: Path, environments: AbstractSet[str]) -> None:
    if environments:
        rows = (row for row in audit_rows(path) if row["environment"] in environments)
        await _insert_all(connection, AUDIT, rows)


async def _add_unknown_keys(
    connection: AsyncConnection, before: EnvironmentRecord, contents: EnvironmentContents
) -> None:
    known = {*(key.id for key in before.keys), *(key.id for key in before.signing_keys)}
    await _insert_all(connection, API_KEYS, [row for row in contents.keys if row["id"] not in known])
    await _insert_all(connection, SIGNING_KEYS, [row for row in contents.signing_keys if row["id"] not in known])


async def _insert_all(connection: AsyncConnection, table: Table, rows: Iterable[Values]) -> None:
    for batch in _batches(rows):
        await connection.execute(insert(table), batch)


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    batch: list[T] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
