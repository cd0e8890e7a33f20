"""The start of an origin: schema, first environment, first load; retried until the database is available."""

import asyncio
from enum import StrEnum

from flaghoist.errors import Unavailable
from flaghoist_origin.observability.outages import Outages
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.storage.store import Store

RETRY_SECONDS = 1.0


class Stage(StrEnum):
    """What the start waits for."""

    MIGRATIONS = "migrations"
    FIRST_LOAD = "first_load"
    DONE = "done"


class Start:
    """Prepares the stored state for answering; `stage` says how far the start has come."""

    def __init__(self, store: Store, environments: Environments, outages: Outages, environment: str) -> None:
        self.stage = Stage.MIGRATIONS
        self._store, self._environments, self._outages = store, environments, outages
        self._environment = environment

    async def attempt(self) -> None:
        """Go as far as the database permits; its unavailability is logged, not raised."""
        try:
            if self.stage is Stage.MIGRATIONS:
                await self._store.migrate()
                self.stage = Stage.FIRST_LOAD
            await self._store.ensure_environment(self._environment)
            await self._environments.refresh_all()
            self.stage = Stage.DONE
        except Unavailable as error:
            self._outages.away(error)

    async def follow(self) -> None:
        """Finish the start, then follow other origins on the same database until cancelled."""
        while self.stage is not Stage.DONE:
            await asyncio.sleep(RETRY_SECONDS)
            await self.attempt()
        await self._environments.follow()
