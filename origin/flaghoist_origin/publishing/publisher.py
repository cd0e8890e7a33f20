"""Publish every environment: one task each, woken by commits, restarted if it ends unexpectedly."""

import asyncio
import os
import random
import secrets
import socket
from collections.abc import Mapping

from flaghoist.backoff import Backoff
from flaghoist_origin.kv.client import KvClient
from flaghoist_origin.publishing.lane import EnvironmentPublisher, Pause, pause
from flaghoist_origin.publishing.lease import Lease
from flaghoist_origin.publishing.schedule import Schedule
from flaghoist_origin.publishing.snapshot_writer import SnapshotWriter
from flaghoist_origin.publishing.state import PublishReport, PublishState
from flaghoist_origin.runtime.background import keep_running
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.serving.environment_state import Environments
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.database.records import SYSTEM, Author
from flaghoist_origin.storage.store import Store

RETRIES = Backoff(base_seconds=0.5, cap_seconds=15.0, draw=random.random)


class Publisher:
    """Writes committed snapshots to KV. Start `run` as a task; call `wake` after each commit."""

    def __init__(
        self,
        store: Store,
        environments: Environments,
        kv: KvClient,
        settings: Settings,
        clock: Clock,
        *,
        backoff: Backoff = RETRIES,
        pause: Pause = pause,
    ) -> None:
        self._store, self._environments, self._kv = store, environments, kv
        self._settings, self._clock = settings, clock
        self._backoff, self._pause = backoff, pause
        holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._lease = Lease(store, clock, holder=holder, duration_seconds=settings.lease_seconds)
        self._lanes: dict[str, EnvironmentPublisher] = {}
        self._added = asyncio.Event()

    @property
    def states(self) -> Mapping[str, PublishState]:
        """The publishing state of each environment."""
        return {name: lane.state for name, lane in sorted(self._lanes.items())}

    def wake(self, environment: str) -> None:
        """Signal that ``environment`` was committed to, or removed; never waits."""
        if environment in self._environments.names:
            self._lane(environment).wake()
        elif self._lanes.pop(environment, None):
            self._added.set()

    def wake_all(self) -> None:
        """Signal that every manifest may have changed; never waits."""
        for name in self._environments.names:
            self._lane(name).wake()

    async def publish_now(self, environment: str) -> PublishReport:
        """Publish without waiting for the interval; raise NotFound, KvAhead, LeaseHeld or KvUnavailable."""
        self._environments.get(environment)
        return await self._lane(environment).publish_now()

    async def recover(self, environment: str, author: Author = SYSTEM) -> PublishReport:
        """Raise the epoch above KV's if KV is ahead, and publish; raise NotFound, LeaseHeld or KvUnavailable."""
        self._environments.get(environment)
        return await self._lane(environment).recover(author)

    async def run(self) -> None:
        """Publish until cancelled."""
        for name in self._environments.names:
            self._lane(name)
        running: dict[EnvironmentPublisher, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                self._added.clear()
                for lane in running.keys() - self._lanes.values():
                    running.pop(lane).cancel()
                for name, lane in self._lanes.items():
                    if lane not in running:
                        running[lane] = group.create_task(keep_running(f"publishing {name}", lane.run))
                await self._added.wait()

    def _lane(self, name: str) -> EnvironmentPublisher:
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = self._new_lane(name)
            self._added.set()
        return lane

    def _new_lane(self, name: str) -> EnvironmentPublisher:
        settings = self._settings
        heartbeat_ms = round(settings.heartbeat_seconds * 1000)
        writer = SnapshotWriter(
            name,
            store=self._store,
            environments=self._environments,
            kv=self._kv,
            lease=self._lease,
            clock=self._clock,
            write_timeout_seconds=settings.kv_write_timeout_seconds,
        )
        schedule = Schedule(
            interval_ms=round(settings.publish_interval_seconds * 1000),
            heartbeat_ms=heartbeat_ms,
            backoff=self._backoff,
            now_ms=self._clock.now_ms(),
        )
        return EnvironmentPublisher(
            writer, self._lease, schedule, self._clock, fresh_ms=heartbeat_ms, pause=self._pause
        )
