"""What a stream sends that its channel does not hold: versions out of the log, and events that replace everything."""

import asyncio
from collections.abc import Sequence

from flaghoist.errors import Unavailable
from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.storage.history.version_log import LoggedVersion, VersionLogStorage
from flaghoist_origin.streams import events
from flaghoist_origin.streams.events import Dialect

READS_AT_ONCE = 4


class StreamBacklog:
    """Reads for all streams of this process, a few at a time: many clients reconnect at the same moment."""

    def __init__(self, store: VersionLogStorage, environments: Environments) -> None:
        self._store, self._environments = store, environments
        self._reading = asyncio.Semaphore(READS_AT_ONCE)
        self._puts: dict[str, tuple[SnapshotVersion, bytes]] = {}

    async def versions_after(self, environment: str, after: SnapshotVersion) -> Sequence[LoggedVersion]:
        """Return versions after ``after`` from the log; none if it does not reach back so far, or cannot be read."""
        async with self._reading:
            try:
                return await self._store.versions_after(environment, after)
            except Unavailable:
                return ()

    async def put_event(self, environment: str, dialect: Dialect) -> tuple[SnapshotVersion, bytes]:
        """Return the current version and the event that replaces everything; large ones are built once."""
        record = self._environments.get(environment).record
        if dialect is not Dialect.RULES:
            return record.snapshot_version, events.put_event(dialect, record)
        async with self._reading:
            made = self._puts.get(environment)
            if made is None or made[0] != record.snapshot_version:
                event = await asyncio.to_thread(events.put_event, dialect, record)
                made = self._puts[environment] = (record.snapshot_version, event)
            return made

    async def position(self, environment: str, at_least: SnapshotVersion) -> SnapshotVersion:
        """Return the environment's version, read again if the one in memory is older than ``at_least``."""
        return (await self._environments.at_least(environment, at_least)).record.snapshot_version

    def forget(self, environment: str) -> None:
        """Keep nothing of an environment that was removed."""
        self._puts.pop(environment, None)
