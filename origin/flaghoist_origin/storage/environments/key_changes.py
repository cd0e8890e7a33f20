"""Key changes: decided under the environment's lock, counted, recorded in the audit log without hashes or secrets."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.records import Author, KeyChange, KeyRecord, target
from flaghoist_origin.storage.database.tables import KEY_USES
from flaghoist_origin.storage.environments.environments import count_key_change, lock_environment
from flaghoist_origin.storage.environments.key_rows import API_KEY_ROWS
from flaghoist_origin.storage.history.audit_log import AuditLine, add_lines

UPSERT: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
DecideKeys = Callable[[tuple[KeyRecord, ...], int], KeyChange]


class KeyStorage:
    """The part of the store that changes keys."""

    _database: Database
    _clock: Clock

    async def change_keys(self, environment: str, decide: DecideKeys, author: Author) -> KeyChange:
        """Store the environment's keys that ``decide`` returns for the present time (ms); the version stays.

        If it returns no keys, nothing is written.
        """
        async with self._database.writing() as connection:
            record = await lock_environment(connection, environment)
            now_ms = self._clock.now_ms()
            keys = await API_KEY_ROWS.read(connection, environment)
            change = decide(keys, now_ms)
            if change.keys:
                before = {key.id: key for key in keys}
                for key in change.keys:
                    await API_KEY_ROWS.write(connection, key)
                lines = [key_line(change.action, before.get(key.id), key) for key in change.keys]
                await add_lines(connection, record, author, now_ms, lines)
                await count_key_change(connection, environment)
        return change

    async def key_uses(self) -> Mapping[str, int]:
        """Return when each key was last used, in milliseconds, by id."""
        async with self._database.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(select(KEY_USES))}

    async def note_key_uses(self, uses: Mapping[str, int]) -> None:
        """Record when keys were used; an older time changes nothing."""
        async with self._database.writing() as connection:
            added = UPSERT[connection.dialect.name](KEY_USES)
            is_newer = added.excluded.last_used_at_ms > KEY_USES.c.last_used_at_ms
            values = {"last_used_at_ms": added.excluded.last_used_at_ms}
            statement = added.on_conflict_do_update(index_elements=["key_id"], set_=values, where=is_newer)
            # In a fixed order, so that two origins that record the same keys never deadlock.
            rows = [{"key_id": key_id, "last_used_at_ms": at_ms} for key_id, at_ms in sorted(uses.items())]
            await connection.execute(statement, rows)


def key_line(action: str, before: KeyRecord | None, after: KeyRecord) -> AuditLine:
    """Return the audit log's data about one key."""
    return AuditLine(action, target("keys", after.id), _told(before) if before else None, _told(after))


def _told(key: KeyRecord) -> str:
    told = {name: value for name, value in msgspec.structs.asdict(key).items() if name != "hash"}
    return msgspec.json.encode(told).decode()
