"""Make a backup in one read transaction, so that the file shows one moment while the origin continues to write."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist_origin.backups.document import FORMAT, TABLES, BackedUpEnvironment, Header, Row, write_file
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.tables import ENVIRONMENTS


async def back_up(database: Database, path: Path, now_ms: int) -> tuple[Header, int]:
    """Write everything that must survive a loss of the database to ``path``; return header and number of rows."""
    async with database.reading() as connection:
        header = Header(FORMAT, now_ms, await _environments(connection))
        return header, await write_file(path, header, _rows(connection))


async def _environments(connection: AsyncConnection) -> tuple[BackedUpEnvironment, ...]:
    query = select(ENVIRONMENTS.c.name, ENVIRONMENTS.c.epoch, ENVIRONMENTS.c.version)
    rows = await connection.execute(query.where(ENVIRONMENTS.c.removed_at_ms.is_(None)).order_by(ENVIRONMENTS.c.name))
    return tuple(BackedUpEnvironment(*row) for row in rows)


async def _rows(connection: AsyncConnection) -> AsyncIterator[Row]:
    for table in TABLES:
        async with connection.stream(_all_of(table)) as rows:
            async for row in rows:
                yield str(table.name), {str(column): value for column, value in row._mapping.items()}


def _all_of(table: Table) -> Select[Any]:
    return select(table).order_by(*table.primary_key.columns)
