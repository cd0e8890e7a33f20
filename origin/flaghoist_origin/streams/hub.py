"""The hub: passes each committed version, whoever wrote it, from the version log to the streams of this process."""

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from flaghoist.errors import NotFound, Unavailable
from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.observability.metrics import STREAM_CLIENTS, STREAM_CUTS
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.history.version_log import ROWS_AT_ONCE, VersionLogStorage
from flaghoist_origin.streams.backlog import StreamBacklog
from flaghoist_origin.streams.channel import StreamChannel
from flaghoist_origin.streams.delays import ReconnectDelays
from flaghoist_origin.streams.events import Dialect
from flaghoist_origin.streams.stream import Ending, Stream

LOG = logging.getLogger("flaghoist.origin")
RETRY_SECONDS = 0.5
WATCH_SECONDS = 0.5
CALLED_AT_ONCE = 100
PUBLIC_SHARE = 0.9
REOPENED_AT = 0.9


class Hub:
    """All streams of this process, which know nothing of it. Call `request_delivery` after each commit.

    Run `deliver` and `watch` as tasks, call `drain` at the end. ``on_places_changed`` is called when manifests are to
    name streams, or no longer.
    """

    def __init__(
        self,
        store: VersionLogStorage,
        environments: Environments,
        settings: Settings,
        clock: Clock,
        *,
        on_places_changed: Callable[[], None],
    ) -> None:
        self.is_draining = False
        self.on_places_changed = on_places_changed
        self._store = store
        self._environments = environments
        self._settings = settings
        self._clock = clock
        self._channels: dict[str, StreamChannel] = {}
        self._streams: set[Stream] = set()
        self._opening = asyncio.Lock()
        self._backlog, self._delays = StreamBacklog(store, environments), ReconnectDelays(settings)
        self._changed: set[str] = set()
        self._is_requested = asyncio.Event()

    @property
    def count(self) -> int:
        """Return how many streams are open."""
        return len(self._streams)

    def has_place(self, *, is_public: bool) -> bool:
        """Return whether one more stream is accepted; a tenth of the places is reserved for non-public keys."""
        limit = self._settings.stream_limit
        return not self.is_draining and self.count < (limit * PUBLIC_SHARE if is_public else limit)

    def request_delivery(self, environment: str) -> None:
        """Look for versions to send and for keys that ended, soon; returns at once."""
        self._changed.add(environment)
        self._is_requested.set()

    def new_stream(
        self, channel: StreamChannel, *, dialect: Dialect, key_id: str, since: SnapshotVersion | None
    ) -> Stream:
        """Return a stream on ``channel`` for a client that holds ``since``; it counts while it is `attached`."""
        return Stream(channel, self._backlog, self._delays, dialect=dialect, key_id=key_id, since=since)

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
                self.request_delivery(environment)  # for versions that were committed meanwhile
            return found

    async def deliver(self) -> None:
        """Pass versions to streams until cancelled; retry later while the database is unavailable."""
        while True:
            await self._is_requested.wait()
            self._is_requested.clear()
            for environment in tuple(self._changed):
                self._changed.discard(environment)
                try:
                    await self._deliver(environment)
                except Unavailable as error:
                    LOG.warning("streams of %s wait for the version log: %s", environment, error)
                    self.request_delivery(environment)
                    await asyncio.sleep(RETRY_SECONDS)

    async def watch(self) -> None:
        """Send heartbeats, and end streams whose key or client is gone, until cancelled."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self.look_after(asyncio.get_running_loop().time())

    def look_after(self, now: float) -> None:
        """Do one round of `watch`; ``now`` is the event loop's time."""
        self._end_refused(self._streams)
        heartbeat, most_seconds = self._settings.stream_heartbeat_seconds, self._settings.stream_send_seconds
        for stream in tuple(self._streams):
            if stream.sending_since is not None and now - stream.sending_since > most_seconds:
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

    def full_retry_ms(self) -> int:
        """Return after how long a client that was rejected for lack of places returns."""
        return self._delays.when_drained_ms() if self.is_draining else self._delays.when_full_ms()

    def _advertise(self) -> None:
        """Stop advertising streams to new clients if all places are taken, and start again when a tenth is free.

        So the last place, taken and freed in turns, does not cause a new manifest each time.
        """
        limit = self._settings.stream_limit * PUBLIC_SHARE
        places = self._environments.places
        if places.set_open(is_open=self.count < (limit if places.is_open else limit * REOPENED_AT)):
            self.on_places_changed()

    async def _open(self, environment: str) -> StreamChannel:
        position = self._environments.get(environment).record.snapshot_version
        most = self._settings.stream_buffer_versions
        channel = StreamChannel(environment, SnapshotVersion(position.epoch, max(0, position.version - most)), most)
        while channel.position < position:
            logged = await self._backlog.versions_after(environment, channel.position)
            if not logged:
                channel.restart(position)
            channel.extend(logged)
        return channel

    async def _deliver(self, environment: str) -> None:
        channel = self._channels.get(environment)
        if channel is None:
            return
        try:
            record = self._environments.get(environment).record
        except NotFound:
            self._channels.pop(environment, None)
            self._backlog.forget(environment)
        else:
            await self._advance(channel, record.snapshot_version)
        # Only now: a stream that was opened while the log was read has missed these versions.
        streams = [stream for stream in self._streams if stream.environment == environment]
        self._end_refused(streams)
        for number, stream in enumerate(streams, 1):
            stream.look_again()
            if number % CALLED_AT_ONCE == 0:
                await asyncio.sleep(0)  # let waiting requests run in between

    async def _advance(self, channel: StreamChannel, until: SnapshotVersion) -> None:
        while channel.position < until:
            behind = max(1, until.version - channel.position.version)
            logged = await self._store.versions_after(channel.environment, channel.position, min(behind, ROWS_AT_ONCE))
            if not logged:
                LOG.info("the version log of %s does not lead to %s", channel.environment, until)
                channel.restart(until)
            channel.extend(logged)

    def _end_refused(self, streams: Collection[Stream]) -> None:
        """End those of ``streams`` whose key was revoked or has expired, or whose environment was removed."""
        now_ms = self._clock.now_ms()
        valid: dict[str, frozenset[str]] = {}
        for name in {stream.environment for stream in streams}:
            keys = self._environments.get(name).record.keys if name in self._environments.names else ()
            valid[name] = frozenset(key.id for key in keys if key.is_valid(now_ms))
        for stream in tuple(streams):
            if stream.key_id not in valid[stream.environment]:
                stream.end(Ending.REFUSED)
