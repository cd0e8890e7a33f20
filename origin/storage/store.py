"""The store: everything that the origin keeps, behind one object."""

from origin.clock import Clock
from origin.storage.audit_log import AuditStorage
from origin.storage.database import Database
from origin.storage.environments import EnvironmentStorage
from origin.storage.events import EventStorage
from origin.storage.history import HistoryStorage
from origin.storage.key_changes import KeyStorage
from origin.storage.lease_time import LeaseTime, database_time, origin_time
from origin.storage.lifecycle import LifecycleStorage
from origin.storage.migrate import migrate
from origin.storage.pool_limits import DEFAULT_LIMITS, UNHURRIED, PoolLimits
from origin.storage.publication import PublicationStorage
from origin.storage.signing_changes import SigningStorage
from origin.storage.version_log import VersionLogStorage


class Store(
    EnvironmentStorage,
    LifecycleStorage,
    KeyStorage,
    SigningStorage,
    AuditStorage,
    HistoryStorage,
    PublicationStorage,
    VersionLogStorage,
    EventStorage,
):
    """All reads and writes of the database at ``url``; call `migrate` first and `close` last.

    Leases go by the clock of the database server, which all origins share; by ours where the database is a file here.
    """

    def __init__(
        self, url: str, clock: Clock, limits: PoolLimits = DEFAULT_LIMITS, *, lease_time: LeaseTime | None = None
    ) -> None:
        self._database = Database(url, limits)
        self._clock = clock
        self._lease_time = lease_time or (origin_time(clock) if self._database.is_sqlite else database_time)
        self._url = url

    async def migrate(self) -> None:
        """Bring the schema up to date."""
        unhurried = Database(self._url, UNHURRIED)
        try:
            await migrate(unhurried)
        finally:
            await unhurried.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._database.close()
