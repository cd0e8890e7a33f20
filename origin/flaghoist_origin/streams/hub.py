"""The hub: passes each committed version, whoever wrote it, from the version log to the streams of this process."""

import asyncio
import logging
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flaghoist.errors import NotFound, Unavailable
from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.observability.metrics import STREAM_CLIENTS, STREAM_CUTS
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.serving.environment_state import Environments
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.history.version_log import ROWS_AT_ONCE, LoggedVersion
from flaghoist_origin.storage.store import Store
from flaghoist_origin.streams import events
from flaghoist_origin.streams.channel import StreamChannel
from flaghoist_origin.streams.events import Dialect
from flaghoist_origin.streams.stream import Ending, Stream

LOG = logging.getLogger("flaghoist.origin")
RETRY_SECONDS = 0.5
WATCH_SECONDS = 0.5
WOKEN_AT_ONCE = 100
READS_AT_ONCE = 4
PUBLIC_SHARE = 0.9
REOPENED_AT = 0.9


class Hub:
    """All streams of this process. Call `wake` after each commit, run `carry` and `watch` as tasks, `drain` last."""

    def __init__(self, store: Store, environments: Environments, settings: Settings, clock: Clock) -> None:
        self.is_draining = False
        self._store = store
        self._environments = environments
        self._settings = settings
        self._clock = clock
        self._channels: dict[str, StreamChannel] = {}
        self._streams: set[Stream] = set()
        self._opening = asyncio.Lock()
        self._reading = asyncio.Semaphore(READS_AT_ONCE)
        self._committed: set[str] = set()
        self._is_woken = asyncio.Event()
        self._puts: dict[str, tuple[SnapshotVersion, bytes]] = {}

    @property
    def count(self) -> int:
        """Return how many streams are open."""
        return len(self._streams)

    def has_place(self, *, is_public: bool) -> bool:
        """Return whether one more stream is accepted; a tenth of the places is reserved for non-public keys."""
        limit = self._settings.stream_limit
        return not self.is_draining and self.count < (limit * PUBLIC_SHARE if is_public else limit)

    def wake(self, environment: str) -> None:
        """Signal that an environment was replaced in memory: a version was committed somewhere, or its keys changed."""
        self._committed.add(environment)
        self._is_woken.set()

    @contextmanager
    def attached(self, stream: Stream) -> Iterator[None]:
        """Count a stream among those of this process for the duration of a block."""
        now = asyncio.get_running_loop().time()
        stream.next_beat = now + random.uniform(0.1, 1.0) * self._settings.stream_heartbeat_seconds
        connected = STREAM_CLIENTS.labels(stream.environment, stream.dialect)
        self._streams.add(stream)
        connected.inc()
        self._advertise()
        try:
            yield
        finally:
            self._streams.discard(stream)
            connected.dec()
            if stream.cut:
                STREAM_CUTS.labels(stream.cut).inc()
            self._advertise()

    async def channel(self, environment: str) -> StreamChannel:
        """Return the environment's channel, initially with its latest versions; raise NotFound."""
        async with self._opening:
            found = self._channels.get(environment)
            if found is None:
                found = self._channels[environment] = await self._open(environment)
                self.wake(environment)  # for versions that were committed meanwhile
            return found

    async def carry(self) -> None:
        """Pass versions to streams until cancelled; what the database cannot provide now is passed later."""
        while True:
            await self._is_woken.wait()
            self._is_woken.clear()
            for environment in tuple(self._committed):
                self._committed.discard(environment)
                try:
                    await self._carry(environment)
                except Unavailable as error:
                    LOG.warning("streams of %s wait for the version log: %s", environment, error)
                    self.wake(environment)
                    await asyncio.sleep(RETRY_SECONDS)

    async def watch(self) -> None:
        """Send heartbeats, and end streams whose key or client is gone, until cancelled."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self.look_after(asyncio.get_running_loop().time())

    def look_after(self, now: float) -> None:
        """Do one round of `watch`; ``now`` is the event loop's time."""
        self._end_refused(self._streams)
        heartbeat, patience = self._settings.stream_heartbeat_seconds, self._settings.stream_send_seconds
        for stream in tuple(self._streams):
            if stream.sending_since is not None and now - stream.sending_since > patience:
                LOG.info("a stream of %s is cut off: its client reads nothing", stream.environment)
                stream.end(Ending.STUCK)
            elif now >= stream.next_beat:
                stream.next_beat += heartbeat
                stream.beat()

    def drain(self) -> None:
        """End all streams and accept no more; each client is told to reconnect at another moment."""
        self.is_draining = True
        for stream in tuple(self._streams):
            stream.end(Ending.DRAINED)

    async def missed(self, environment: str, after: SnapshotVersion) -> Sequence[LoggedVersion]:
        """Return versions after ``after`` from the log; none if it does not reach back so far, or cannot be read."""
        async with self._reading:
            try:
                return await self._store.versions_after(environment, after)
            except Unavailable:
                return ()

    async def put(self, environment: str, dialect: Dialect) -> tuple[SnapshotVersion, bytes]:
        """Return the current version and the event that replaces everything; large ones are built once."""
        record = self._environments.get(environment).record
        if dialect is not Dialect.RULES:
            return record.snapshot_version, events.put(dialect, record)
        async with self._reading:
            held = self._puts.get(environment)
            if held is None or held[0] != record.snapshot_version:
                made = await asyncio.to_thread(events.put, dialect, record)
                held = self._puts[environment] = (record.snapshot_version, made)
            return held

    async def reached(self, environment: str, version: SnapshotVersion) -> SnapshotVersion:
        """Return the environment's version, read again if the cached one is older than ``version``."""
        held = self._environments.get(environment).record.snapshot_version
        if held >= version:
            return held
        try:
            return (await self._environments.refresh(environment)).record.snapshot_version
        except Unavailable:
            return held

    def retry_ms(self) -> int:
        """Return after how long a client reconnects after losing its stream."""
        return _jittered_ms(self._settings.stream_retry_seconds)

    def full_retry_ms(self) -> int:
        """Return after how long a client that was rejected for lack of places returns."""
        return self.farewell_ms() if self.is_draining else _jittered_ms(self._settings.stream_full_retry_seconds)

    def farewell_ms(self) -> int:
        """Return after how long a client reconnects that this origin has disconnected."""
        return round(random.uniform(0.1, 1.0) * self._settings.stream_drain_seconds * 1000)

    def _advertise(self) -> None:
        """Stop advertising streams to new clients if all places are taken, and start again when a tenth is free.

        So the last place, taken and freed in turns, does not cause a new manifest each time.
        """
        limit = self._settings.stream_limit * PUBLIC_SHARE
        places = self._environments.places
        places.settle(is_open=self.count < (limit if places.is_open else limit * REOPENED_AT))

    async def _open(self, environment: str) -> StreamChannel:
        position = self._environments.get(environment).record.snapshot_version
        most = self._settings.stream_buffer_versions
        channel = StreamChannel(environment, SnapshotVersion(position.epoch, max(0, position.version - most)), most)
        while channel.position < position:
            logged = await self.missed(environment, channel.position)
            if not logged:
                channel.restart(position)
            channel.extend(logged)
        return channel

    async def _carry(self, environment: str) -> None:
        channel = self._channels.get(environment)
        if channel is None:
            return
        try:
            record = self._environments.get(environment).record
        except NotFound:
            self._channels.pop(environment, None)
            self._puts.pop(environment, None)
        else:
            await self._advance(channel, record.snapshot_version)
        # Only now: a stream that was opened while the log was read has missed these versions.
        streams = [stream for stream in self._streams if stream.environment == environment]
        self._end_refused(streams)
        for number, stream in enumerate(streams, 1):
            stream.wake()
            if number % WOKEN_AT_ONCE == 0:
                await asyncio.sleep(0)  # let waiting requests run in between

    async def _advance(self, channel: StreamChannel, until: SnapshotVersion) -> None:
        while channel.position < until:
            behind = max(1, until.version - channel.position.version)
            logged = await self._store.versions_after(channel.environment, channel.position, min(behind, ROWS_AT_ONCE))
            if not logged:
                LOG.info("the version log of %s does not lead to %s", channel.environment, until)
                channel.restart(until)
            channel.extend(logged)

    def _end_refused(self, streams: "set[Stream] | list[Stream]") -> None:
        """End those of ``streams`` whose key was revoked or has expired, or whose environment was removed."""
        now_ms = self._clock.now_ms()
        valid: dict[str, frozenset[str]] = {}
        for name in {stream.environment for stream in streams}:
            keys = self._environments.get(name).record.keys if name in self._environments.names else ()
            valid[name] = frozenset(key.id for key in keys if key.is_valid(now_ms))
        for stream in tuple(streams):
            if stream.key_id not in valid[stream.environment]:
                stream.end(Ending.REFUSED)


def _jittered_ms(seconds: float) -> int:
    return round(random.uniform(0.5, 1.5) * seconds * 1000)
