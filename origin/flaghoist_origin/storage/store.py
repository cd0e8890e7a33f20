"""The store: all data of the origin, behind one object."""

from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.settings.pool_limits import DEFAULT_LIMITS, UNHURRIED, PoolLimits
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.lease_time import LeaseTime, database_time, origin_time
from flaghoist_origin.storage.database.migrate import migrate
from flaghoist_origin.storage.environments.environments import EnvironmentStorage
from flaghoist_origin.storage.environments.events import EventStorage
from flaghoist_origin.storage.environments.keys import KeyStorage
from flaghoist_origin.storage.environments.lifecycle import LifecycleStorage
from flaghoist_origin.storage.environments.publication import PublicationStorage
from flaghoist_origin.storage.history.audit_log import AuditStorage
from flaghoist_origin.storage.history.history import HistoryStorage
from flaghoist_origin.storage.history.version_log import VersionLogStorage


class Store(
    EnvironmentStorage,
    LifecycleStorage,
    KeyStorage,
    AuditStorage,
    HistoryStorage,
    PublicationStorage,
    VersionLogStorage,
    EventStorage,
):
    """All reads and writes of the database at ``url``; call `migrate` first and `close` last.

    Leases use the clock of the database server, which all origins share; with a local database file, our own clock.
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
