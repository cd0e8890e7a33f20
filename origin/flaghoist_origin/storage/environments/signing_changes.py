"""Changes of signing keys: decided under the environment's lock, counted as key changes, recorded in the audit log."""

from collections.abc import Callable

import msgspec
from sqlalchemy import update

from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.records import Author, EnvironmentRecord, SigningChange, SigningKeyRecord, target
from flaghoist_origin.storage.database.tables import ENVIRONMENTS
from flaghoist_origin.storage.environments.environments import count_key_change, lock_environment
from flaghoist_origin.storage.environments.key_rows import SIGNING_KEY_ROWS
from flaghoist_origin.storage.history.audit_log import AuditLine, add_lines

DecideSigning = Callable[[EnvironmentRecord, int], SigningChange]
REQUIRED = "required"
OPTIONAL = "optional"


class SigningStorage:
    """The part of the store that changes signing keys, and whether an environment requires signed contexts."""

    _database: Database
    _clock: Clock

    async def change_signing(self, environment: str, decide: DecideSigning, author: Author) -> SigningChange:
        """Store the result of ``decide`` for the environment's signing keys at the present time (ms).

        The version stays. A result that changes nothing is not written.
        """
        async with self._database.writing() as connection:
            locked = await lock_environment(connection, environment)
            keys = await SIGNING_KEY_ROWS.read(connection, environment)
            record = msgspec.structs.replace(locked, signing_keys=keys)
            now_ms = self._clock.now_ms()
            change = decide(record, now_ms)
            before = {key.id: key for key in keys}
            lines = [signing_line(change.action, before.get(key.id), key) for key in change.keys]
            for key in change.keys:
                await SIGNING_KEY_ROWS.write(connection, key)
            if change.is_required not in (None, record.requires_signed_contexts):
                since_ms = now_ms if change.is_required else None
                row = update(ENVIRONMENTS).where(ENVIRONMENTS.c.name == environment)
                await connection.execute(row.values(signed_only_since_ms=since_ms))
                lines.append(AuditLine(REQUIRED if change.is_required else OPTIONAL, "signed-contexts"))
            if lines:
                await add_lines(connection, record, author, now_ms, lines)
                await count_key_change(connection, environment)
        return change


def signing_line(action: str, before: SigningKeyRecord | None, after: SigningKeyRecord) -> AuditLine:
    """Return the audit log's data about one signing key: all of it, because nothing in it is secret."""
    return AuditLine(action, target("signing-keys", after.id), _told(before) if before else None, _told(after))


def _told(key: SigningKeyRecord) -> str:
    return msgspec.json.encode(key).decode()
