"""The audit log: rows are added in the transaction of the change that they describe, and read newest first."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.records import AuditEntry, AuditLine, Author, EnvironmentRecord
from flaghoist_origin.storage.database.tables import AUDIT

PAGE_CHARACTERS = 4_000_000
COLUMNS = tuple(column for column in AUDIT.c if column.name != "environment")


class AuditFilter(msgspec.Struct, frozen=True):
    """A filter of entries; None members do not filter.

    ``target`` is a path such as ``flags/checkout``, or a collection such as ``flags`` for all in it. ``actor`` is the
    id or the name of a key. Times are milliseconds, ``until_ms`` excluded.
    """

    target: str | None = None
    actor: str | None = None
    action: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None


EVERYTHING = AuditFilter()


class AuditPage(msgspec.Struct, frozen=True):
    """Some entries, newest first, and whether there are older ones."""

    entries: tuple[AuditEntry, ...]
    has_more: bool


async def add_lines(
    connection: AsyncConnection, record: EnvironmentRecord, author: Author, at_ms: int, lines: Iterable[AuditLine]
) -> None:
    """Append ``lines``, all by ``author`` and at the snapshot version of ``record``."""
    shared = {
        "environment": record.name,
        "at_ms": at_ms,
        "actor_id": author.id,
        "actor_name": author.name,
        "comment": author.comment,
        "epoch": record.epoch,
        "version": record.version,
    }
    rows = [{**shared, **msgspec.structs.asdict(line)} for line in lines]
    if rows:
        await connection.execute(insert(AUDIT), rows)


class AuditStorage:
    """The part of the store that reads the audit log."""

    _database: Database

    async def audit(
        self, environment: str, *, limit: int, before_id: int | None = None, wanted: AuditFilter = EVERYTHING
    ) -> AuditPage:
        """Return up to ``limit`` entries older than ``before_id``, newest first; fewer if their documents are large.

        At least one entry is returned if there is any.
        """
        conditions = [AUDIT.c.environment == environment, *_conditions(wanted)]
        if before_id is not None:
            conditions.append(AUDIT.c.id < before_id)
        sizes = select(AUDIT.c.id, _size(AUDIT.c.before) + _size(AUDIT.c.after)).where(*conditions)
        async with self._database.reading() as connection:
            sized = (await connection.execute(sizes.order_by(AUDIT.c.id.desc()).limit(limit + 1))).all()
            ids = _within(PAGE_CHARACTERS, [(row[0], row[1]) for row in sized[:limit]])
            entries = select(*COLUMNS).where(AUDIT.c.id.in_(ids)).order_by(AUDIT.c.id.desc())
            found = tuple(_entry(row._asdict()) for row in await connection.execute(entries))
        return AuditPage(found, has_more=len(ids) < len(sized))


def below(target: str) -> ColumnElement[bool]:
    """Return the condition that an entry's target is below ``target``."""
    return AUDIT.c.target.startswith(f"{target}/", autoescape=True)


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.target is not None:
        yield (AUDIT.c.target == wanted.target) | below(wanted.target)
    if wanted.actor is not None:
        yield (AUDIT.c.actor_id == wanted.actor) | (AUDIT.c.actor_name == wanted.actor)
    if wanted.action is not None:
        yield AUDIT.c.action == wanted.action
    if wanted.since_ms is not None:
        yield AUDIT.c.at_ms >= wanted.since_ms
    if wanted.until_ms is not None:
        yield AUDIT.c.at_ms < wanted.until_ms


def _size(column: ColumnElement[str | None]) -> ColumnElement[int]:
    return func.coalesce(func.length(column), 0)


def _within(budget: int, sized: Sequence[tuple[int, int]]) -> list[int]:
    ids: list[int] = []
    for row_id, size in sized:
        budget -= size
        if ids and budget < 0:
            break
        ids.append(row_id)
    return ids


def _entry(row: dict[str, object]) -> AuditEntry:
    documents = {name: _document(row[name]) for name in ("before", "after")}
    return AuditEntry(**{**row, **documents})  # type: ignore[arg-type]


def _document(text: object) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(str(text).encode())
