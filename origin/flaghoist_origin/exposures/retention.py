"""Delete events that are older than the settings allow."""

import asyncio
import logging

from flaghoist.errors import Unavailable
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.environments.events import EventStorage

LOG = logging.getLogger("flaghoist.origin")
PAUSE_SECONDS = 60.0
DAY_MS = 24 * 3_600_000


class EventRetention:
    """Prunes the events of every environment once a minute; several origins may do so at once."""

    def __init__(self, store: EventStorage, settings: Settings, clock: Clock) -> None:
        self._store, self._settings, self._clock = store, settings, clock

    async def run(self) -> None:
        """Prune until cancelled."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self.prune()
            except Unavailable as error:
                LOG.warning("events are not pruned for now: %s", error)

    async def prune(self) -> int:
        """Prune once; return how many events were dropped."""
        return await self._store.prune_events(self._clock.now_ms() - round(self._settings.event_days * DAY_MS))
