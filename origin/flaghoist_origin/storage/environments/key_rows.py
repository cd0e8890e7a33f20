"""Keys as rows: API keys by the hash of their text, signing keys by their public half."""

from collections.abc import Set as AbstractSet
from typing import Any, Generic

import msgspec
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist_origin.storage.database.records import AnyKey, AuditLine, KeyRecord, SigningKeyRecord, target
from flaghoist_origin.storage.database.tables import API_KEYS, SIGNING_KEYS


class KeyRows(Generic[AnyKey]):
    """One table of keys, whose columns are the fields of ``record``; the audit log never gets those in ``unlogged``."""

    def __init__(self, table: Table, record: type[AnyKey], collection: str, unlogged: AbstractSet[str]) -> None:
        self._table = table
        self._record: type[AnyKey] = record
        self._columns: list[Any] = [table.c[field.name] for field in msgspec.structs.fields(record)]
        self._collection, self._unlogged = collection, unlogged

    async def read_keys(self, connection: AsyncConnection, environment: str) -> tuple[AnyKey, ...]:
        """Return all keys of an environment, revoked ones included, oldest first."""
        query = select(*self._columns).where(self._table.c.environment == environment)
        rows = await connection.execute(query.order_by(self._table.c.created_at_ms, self._table.c.id))
        return tuple(self._record(*row) for row in rows)

    async def store_key(self, connection: AsyncConnection, key: AnyKey) -> None:
        """Write ``key``, replacing the one with its id if there is one."""
        await connection.execute(delete(self._table).where(self._table.c.id == key.id))
        await connection.execute(insert(self._table), msgspec.structs.asdict(key))

    def audit_line(self, action: str, before: AnyKey | None, after: AnyKey) -> AuditLine:
        """Return the line of the audit log about the change of one key."""
        logged_before = self._logged(before) if before else None
        return AuditLine(action, target(self._collection, after.id), logged_before, self._logged(after))

    def _logged(self, key: AnyKey) -> str:
        members = msgspec.structs.asdict(key)
        return msgspec.json.encode({name: members[name] for name in members if name not in self._unlogged}).decode()


API_KEY_ROWS = KeyRows(API_KEYS, KeyRecord, "keys", unlogged={"hash"})
SIGNING_KEY_ROWS = KeyRows(SIGNING_KEYS, SigningKeyRecord, "signing-keys", unlogged=frozenset())
