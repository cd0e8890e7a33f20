"""Key changes: decided under the environment's lock, counted, and told to the audit log without hashes or secrets."""

from collections.abc import Callable

import msgspec

from origin.clock import Clock
from origin.storage.audit_log import AuditLine, add_lines
from origin.storage.database import Database
from origin.storage.environments import count_key_change, lock_environment
from origin.storage.key_rows import read_keys, write_key
from origin.storage.records import Author, KeyChange, KeyRecord, target

DecideKeys = Callable[[tuple[KeyRecord, ...], int], KeyChange]


class KeyStorage:
    """The part of the store that changes keys."""

    _database: Database
    _clock: Clock

    async def change_keys(self, environment: str, decide: DecideKeys, author: Author) -> KeyChange:
        """Store what ``decide`` makes of the environment's keys at the present time (ms); the version stays.

        Without keys in its answer nothing is written.
        """
        async with self._database.writing() as connection:
            record = await lock_environment(connection, environment)
            now_ms = self._clock.now_ms()
            keys = await read_keys(connection, environment)
            change = decide(keys, now_ms)
            if change.keys:
                before = {key.id: key for key in keys}
                for key in change.keys:
                    await write_key(connection, key)
                lines = [key_line(change.action, before.get(key.id), key) for key in change.keys]
                await add_lines(connection, record, author, now_ms, lines)
                await count_key_change(connection, environment)
        return change


def key_line(action: str, before: KeyRecord | None, after: KeyRecord) -> AuditLine:
    """Return what the audit log is told about one key."""
    return AuditLine(action, target("keys", after.id), _told(before) if before else None, _told(after))


def _told(key: KeyRecord) -> str:
    told = {name: value for name, value in msgspec.structs.asdict(key).items() if name != "hash"}
    return msgspec.json.encode(told).decode()
