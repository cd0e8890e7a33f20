"""API keys as rows: who may do what, by the hash of the key's text."""

from typing import Any

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from origin.storage.records import KeyRecord
from origin.storage.tables import API_KEYS

FIELDS = tuple(field.name for field in msgspec.structs.fields(KeyRecord))


async def read_keys(connection: AsyncConnection, environment: str) -> tuple[KeyRecord, ...]:
    """Return all keys of an environment, revoked ones too, oldest first."""
    columns: list[Any] = [API_KEYS.c[name] for name in FIELDS]
    query = select(*columns).where(API_KEYS.c.environment == environment)
    rows = await connection.execute(query.order_by(API_KEYS.c.created_at_ms, API_KEYS.c.id))
    return tuple(KeyRecord(*row) for row in rows)


async def write_key(connection: AsyncConnection, key: KeyRecord) -> None:
    """Store ``key`` in place of the one with its id, if there is one."""
    await connection.execute(delete(API_KEYS).where(API_KEYS.c.id == key.id))
    await connection.execute(insert(API_KEYS), msgspec.structs.asdict(key))
