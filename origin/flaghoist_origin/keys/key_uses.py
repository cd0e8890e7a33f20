"""When an origin last saw each key, to the minute: recorded in memory and stored at intervals, never per request.

Answers that edges give from their cache are not included: edges do not report which keys they see.
"""

import asyncio
import logging
from collections.abc import Mapping

from flaghoist.errors import Unavailable
from flaghoist_origin.keys.key_secrets import hash_of
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.storage.environments.keys import KeyStorage

LOG = logging.getLogger("flaghoist.origin")
FLUSH_SECONDS = 60.0
COARSE_MS = 60_000


class KeyUses:
    """Records the keys of admitted requests. Start `run` as a task, so that the times are stored."""

    def __init__(self, store: KeyStorage, environments: Environments, clock: Clock) -> None:
        self._store, self._environments, self._clock = store, environments, clock
        self._seen: dict[str, int] = {}
        self._stored: dict[str, int] = {}

    def record_use(self, text: str) -> None:
        """Record that the valid key of this text was used just now."""
        self._seen[hash_of(text)] = self._clock.now_ms() // COARSE_MS * COARSE_MS

    async def run(self) -> None:
        """Store the recorded times every minute until cancelled, and once more at the end."""
        try:
            while True:
                await asyncio.sleep(FLUSH_SECONDS)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Store the recorded times that are not stored yet."""
        news = {key_id: at_ms for key_id, at_ms in self._by_id().items() if self._stored.get(key_id) != at_ms}
        if not news:
            return
        try:
            await self._store.store_key_uses(news)
        except Unavailable as error:
            LOG.info("the times of last use of keys will be stored later: %s", error)
        else:
            self._stored.update(news)

    async def last(self) -> Mapping[str, int]:
        """Return when each key was last used, by id, as far as the database and this process know."""
        try:
            stored = await self._store.key_uses()
        except Unavailable:
            stored = self._stored
        seen = self._by_id()
        return {key_id: max(stored.get(key_id, 0), seen.get(key_id, 0)) for key_id in {*stored, *seen}}

    def _by_id(self) -> dict[str, int]:
        records = (self._environments.get(name).record for name in self._environments.names)
        ids = {key.hash: key.id for record in records for key in record.keys}
        return {ids[name]: at_ms for name, at_ms in self._seen.items() if name in ids}
