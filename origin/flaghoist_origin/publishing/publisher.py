"""Publish every environment: one task each, restarted if it ends unexpectedly."""

import asyncio
import os
import random
import secrets
import socket
from collections.abc import Mapping

from flaghoist.backoff import Backoff
from flaghoist_origin.kv.client import KvClient
from flaghoist_origin.publishing.environment_publisher import EnvironmentPublisher
from flaghoist_origin.publishing.lease import Lease
from flaghoist_origin.publishing.schedule import Schedule
from flaghoist_origin.publishing.snapshot_writer import SnapshotWriter
from flaghoist_origin.publishing.state import PublishReport, PublishState
from flaghoist_origin.runtime.background import keep_running
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.runtime.pausing import Pause, pause
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.database.records import SYSTEM, Author
from flaghoist_origin.storage.store import Store

RETRIES = Backoff(base_seconds=0.5, cap_seconds=15.0, draw=random.random)


class Publisher:
    """Writes committed snapshots to KV. Start `run` as a task; call `request_publish` after each commit."""

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
        self._publishers: dict[str, EnvironmentPublisher] = {}
        self._is_changed = asyncio.Event()

    @property
    def states(self) -> Mapping[str, PublishState]:
        """The publishing state of each environment."""
        return {name: publisher.state for name, publisher in sorted(self._publishers.items())}

    def request_publish(self, environment: str) -> None:
        """Publish ``environment`` when it is due, or stop publishing it if it was removed; returns at once."""
        if environment in self._environments.names:
            self._publisher_of(environment).request_publish()
        elif self._publishers.pop(environment, None):
            self._is_changed.set()

    def request_publish_all(self) -> None:
        """Publish every environment when it is due, for all manifests may have changed; returns at once."""
        for name in self._environments.names:
            self._publisher_of(name).request_publish()

    async def publish_now(self, environment: str) -> PublishReport:
        """Publish without waiting for the interval; raise NotFound, KvAhead, LeaseHeld or KvUnavailable."""
        self._environments.get(environment)
        return await self._publisher_of(environment).publish_now()

    async def recover(self, environment: str, author: Author = SYSTEM) -> PublishReport:
        """Raise the epoch above KV's if KV is ahead, and publish; raise NotFound, LeaseHeld or KvUnavailable."""
        self._environments.get(environment)
        return await self._publisher_of(environment).recover(author)

    async def run(self) -> None:
        """Publish until cancelled."""
        for name in self._environments.names:
            self._publisher_of(name)
        running: dict[EnvironmentPublisher, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as group:
            while True:
                self._is_changed.clear()
                for removed in running.keys() - self._publishers.values():
                    running.pop(removed).cancel()
                for name, publisher in self._publishers.items():
                    if publisher not in running:
                        running[publisher] = group.create_task(keep_running(f"publishing {name}", publisher.run))
                await self._is_changed.wait()

    def _publisher_of(self, name: str) -> EnvironmentPublisher:
        publisher = self._publishers.get(name)
        if publisher is None:
            publisher = self._publishers[name] = self._new_publisher(name)
            self._is_changed.set()
        return publisher

    def _new_publisher(self, name: str) -> EnvironmentPublisher:
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
