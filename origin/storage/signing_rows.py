"""Signing keys as rows: the public halves of the keys by which an environment's backends sign contexts."""

from typing import Any

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from origin.storage.records import SigningKeyRecord
from origin.storage.tables import SIGNING_KEYS

FIELDS = tuple(field.name for field in msgspec.structs.fields(SigningKeyRecord))


async def read_signing_keys(connection: AsyncConnection, environment: str) -> tuple[SigningKeyRecord, ...]:
    """Return all signing keys of an environment, revoked ones too, oldest first."""
    columns: list[Any] = [SIGNING_KEYS.c[name] for name in FIELDS]
    query = select(*columns).where(SIGNING_KEYS.c.environment == environment)
    rows = await connection.execute(query.order_by(SIGNING_KEYS.c.created_at_ms, SIGNING_KEYS.c.id))
    return tuple(SigningKeyRecord(*row) for row in rows)


async def write_signing_key(connection: AsyncConnection, key: SigningKeyRecord) -> None:
    """Store ``key`` in place of the one with its id, if there is one."""
    await connection.execute(delete(SIGNING_KEYS).where(SIGNING_KEYS.c.id == key.id))
    await connection.execute(insert(SIGNING_KEYS), msgspec.structs.asdict(key))
