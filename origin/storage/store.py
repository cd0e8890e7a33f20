"""The store: everything that the origin keeps, behind one object."""

from origin.clock import Clock
from origin.storage.audit_log import AuditStorage
from origin.storage.database import Database
from origin.storage.environments import EnvironmentStorage
from origin.storage.history import HistoryStorage
from origin.storage.key_changes import KeyStorage
from origin.storage.lifecycle import LifecycleStorage
from origin.storage.migrate import migrate
from origin.storage.publication import PublicationStorage


class Store(EnvironmentStorage, LifecycleStorage, KeyStorage, AuditStorage, HistoryStorage, PublicationStorage):
    """All reads and writes of the database at ``url``; call `migrate` first and `close` last."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._database = Database(url)
        self._clock = clock

    async def migrate(self) -> None:
        """Bring the schema up to date."""
        await migrate(self._database)

    async def close(self) -> None:
        """Close all connections."""
        await self._database.close()
