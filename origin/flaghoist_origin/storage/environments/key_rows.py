"""Keys as rows: API keys by the hash of their text, signing keys by their public half."""

from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist_origin.storage.database.records import KeyRecord, SigningKeyRecord
from flaghoist_origin.storage.database.tables import API_KEYS, SIGNING_KEYS

Record = TypeVar("Record", KeyRecord, SigningKeyRecord)


class KeyRows(Generic[Record]):
    """One table of keys, whose columns are the fields of ``record``."""

    def __init__(self, table: Table, record: type[Record]) -> None:
        self._table = table
        self._record: type[Record] = record
        self._columns: list[Any] = [table.c[field.name] for field in msgspec.structs.fields(record)]

    async def read(self, connection: AsyncConnection, environment: str) -> tuple[Record, ...]:
        """Return all keys of an environment, revoked ones included, oldest first."""
        query = select(*self._columns).where(self._table.c.environment == environment)
        rows = await connection.execute(query.order_by(self._table.c.created_at_ms, self._table.c.id))
        return tuple(self._record(*row) for row in rows)

    async def write(self, connection: AsyncConnection, key: Record) -> None:
        """Write ``key``, replacing the one with its id if there is one."""
        await connection.execute(delete(self._table).where(self._table.c.id == key.id))
        await connection.execute(insert(self._table), msgspec.structs.asdict(key))


API_KEY_ROWS = KeyRows(API_KEYS, KeyRecord)
SIGNING_KEY_ROWS = KeyRows(SIGNING_KEYS, SigningKeyRecord)
