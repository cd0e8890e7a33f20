"""Keep the version log short: delete versions older than a client may have been away, but keep a minimum number."""

import asyncio
import logging

from flaghoist.errors import Unavailable
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.history.version_log import VersionLogStorage

LOG = logging.getLogger("flaghoist.origin")
PAUSE_SECONDS = 60.0
HOUR_MS = 3_600_000


class Retention:
    """Prunes the version log of every environment once a minute; several origins may do so at once."""

    def __init__(self, store: VersionLogStorage, environments: Environments, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._environments = environments
        self._settings = settings
        self._clock = clock

    async def run(self) -> None:
        """Prune until cancelled."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self.prune()
            except Unavailable as error:
                LOG.warning("the version log is not pruned for now: %s", error)

    async def prune(self) -> int:
        """Prune once; return how many rows were deleted."""
        before_ms = self._clock.now_ms() - round(self._settings.version_log_hours * HOUR_MS)
        keep = self._settings.version_log_versions
        dropped = 0
        for name in self._environments.names:
            latest = self._environments.get(name).record.snapshot_version
            dropped += await self._store.prune_versions(name, latest, before_ms, keep)
        return dropped
