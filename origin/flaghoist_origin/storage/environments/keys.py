"""Keys of both kinds: changed under the environment's lock, counted, recorded in the audit log without secrets."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.records import (
    AnyKey,
    AuditLine,
    Author,
    EnvironmentRecord,
    KeyChange,
    KeyRecord,
    SigningKeyRecord,
)
from flaghoist_origin.storage.database.tables import ENVIRONMENTS, KEY_USES
from flaghoist_origin.storage.environments.environments import count_key_change, lock_environment
from flaghoist_origin.storage.environments.key_rows import API_KEY_ROWS, SIGNING_KEY_ROWS, KeyRows
from flaghoist_origin.storage.history.audit_log import add_lines

UPSERT: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
DecideKeys = Callable[[EnvironmentRecord, int], KeyChange[AnyKey]]
"""Takes the environment, with its keys of both kinds and without its flags, and the time in milliseconds."""
DecideRequired = Callable[[EnvironmentRecord, int], bool]
REQUIRED, OPTIONAL, SIGNED_CONTEXTS = "required", "optional", "signed-contexts"


class KeyStorage:
    """The part of the store that changes keys, and whether an environment takes signed contexts only."""

    _database: Database
    _clock: Clock

    async def change_api_keys(
        self, environment: str, decide: DecideKeys[KeyRecord], author: Author
    ) -> KeyChange[KeyRecord]:
        """Store what ``decide`` makes of the environment's API keys; the version of the snapshot stays.

        Without keys in its answer nothing is written. Raises NotFound, Unavailable, and whatever ``decide`` raises.
        """
        return await self._change_keys(API_KEY_ROWS, environment, decide, author)

    async def change_signing_keys(
        self, environment: str, decide: DecideKeys[SigningKeyRecord], author: Author
    ) -> KeyChange[SigningKeyRecord]:
        """Store what ``decide`` makes of the environment's signing keys; otherwise as `change_api_keys`."""
        return await self._change_keys(SIGNING_KEY_ROWS, environment, decide, author)

    async def require_signed_contexts(self, environment: str, decide: DecideRequired, author: Author) -> None:
        """Store whether client keys must bring signed contexts from now on; what changes nothing is not written."""
        async with self._database.writing() as connection:
            record, now_ms = await self._lock(connection, environment)
            is_required = decide(record, now_ms)
            if is_required == record.requires_signed_contexts:
                return
            row = update(ENVIRONMENTS).where(ENVIRONMENTS.c.name == environment)
            await connection.execute(row.values(signed_only_since_ms=now_ms if is_required else None))
            line = AuditLine(REQUIRED if is_required else OPTIONAL, SIGNED_CONTEXTS)
            await add_lines(connection, record, author, now_ms, [line])
            await count_key_change(connection, environment)

    async def _change_keys(
        self, rows: KeyRows[AnyKey], environment: str, decide: DecideKeys[AnyKey], author: Author
    ) -> KeyChange[AnyKey]:
        async with self._database.writing() as connection:
            record, now_ms = await self._lock(connection, environment)
            change = decide(record, now_ms)
            if change.keys:
                before = {key.id: key for key in await rows.read_keys(connection, environment)}
                for key in change.keys:
                    await rows.store_key(connection, key)
                lines = [rows.audit_line(change.action, before.get(key.id), key) for key in change.keys]
                await add_lines(connection, record, author, now_ms, lines)
                await count_key_change(connection, environment)
        return change

    async def _lock(self, connection: AsyncConnection, environment: str) -> tuple[EnvironmentRecord, int]:
        """Return the locked environment with its keys, and the present time in milliseconds."""
        locked = await lock_environment(connection, environment)
        now_ms = self._clock.now_ms()
        keys = await API_KEY_ROWS.read_keys(connection, environment)
        signing_keys = await SIGNING_KEY_ROWS.read_keys(connection, environment)
        return msgspec.structs.replace(locked, keys=keys, signing_keys=signing_keys), now_ms

    async def key_uses(self) -> Mapping[str, int]:
        """Return when each key was last used, in milliseconds, by id."""
        async with self._database.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(select(KEY_USES))}

    async def store_key_uses(self, uses: Mapping[str, int]) -> None:
        """Store when keys were used, in milliseconds by id; an older use changes nothing."""
        async with self._database.writing() as connection:
            added = UPSERT[connection.dialect.name](KEY_USES)
            is_newer = added.excluded.last_used_at_ms > KEY_USES.c.last_used_at_ms
            values = {"last_used_at_ms": added.excluded.last_used_at_ms}
            statement = added.on_conflict_do_update(index_elements=["key_id"], set_=values, where=is_newer)
            # In a fixed order, so that two origins that store the same keys never deadlock.
            rows = [{"key_id": key_id, "last_used_at_ms": at_ms} for key_id, at_ms in sorted(uses.items())]
            await connection.execute(statement, rows)
