"""Publish one environment: wait until it is due, publish under the lease, record the result."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from flaghoist.errors import FlaghoistError, SnapshotError, Unavailable
from flaghoist_origin.observability.metrics import PUBLISHES
from flaghoist_origin.observability.traces import span
from flaghoist_origin.publishing.lease import Lease, LeaseHeld
from flaghoist_origin.publishing.recovery import KvAhead
from flaghoist_origin.publishing.schedule import Schedule
from flaghoist_origin.publishing.snapshot_writer import SnapshotWriter
from flaghoist_origin.publishing.state import Phase, PublishReport, PublishState
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.runtime.pausing import Pause, pause
from flaghoist_origin.storage.database.records import SYSTEM, Author

LOG = logging.getLogger("flaghoist.publisher")


class EnvironmentPublisher:
    """Publishing of one environment; one operation at a time, whether the schedule or an operator starts it."""

    def __init__(
        self,
        writer: SnapshotWriter,
        lease: Lease,
        schedule: Schedule,
        clock: Clock,
        *,
        fresh_ms: int,
        pause: Pause = pause,
    ) -> None:
        self.state = PublishState()
        self._writer, self._lease, self._schedule = writer, lease, schedule
        self._clock, self._fresh_ms, self._pause = clock, fresh_ms, pause
        self._requested = asyncio.Event()
        self._busy = asyncio.Lock()

    def request_publish(self) -> None:
        """Publish as soon as the schedule allows; returns at once."""
        self._requested.set()

    async def run(self) -> None:
        """Publish, confirm and retry until cancelled."""
        while True:
            await self._until_due()
            await self.publish_due()

    async def publish_due(self) -> None:
        """Bring KV up to date once; failures are logged and recorded in `state`, not raised."""
        try:
            await self._publish(lambda: self._writer.write_snapshot(fresh_ms=self._fresh_ms))
        except FlaghoistError:
            return

    async def publish_now(self) -> PublishReport:
        """Publish at once, including shards that KV has lost; raise the reason for a failure."""
        return await self._publish(lambda: self._writer.write_snapshot(verifies_shards=True))

    async def recover(self, author: Author = SYSTEM) -> PublishReport:
        """Publish the database's state although KV is ahead; raise the reason for a failure."""
        return await self._publish(lambda: self._writer.recover(author))

    async def _until_due(self) -> None:
        while True:
            now_ms = self._clock.now_ms()
            if self._requested.is_set():
                self._requested.clear()
                self._schedule.request(now_ms)
            wait_ms = self._schedule.due_at_ms - now_ms
            if wait_ms <= 0:
                return
            await self._pause(self._requested, wait_ms / 1000)

    async def _publish(self, work: Callable[[], Awaitable[PublishReport]]) -> PublishReport:
        async with self._busy:
            started_at_ms = self._clock.now_ms()
            try:
                async with self._lease.hold(self._writer.environment):
                    with span("publish", environment=self._writer.environment):
                        report = await work()
                    self._record_success(report, started_at_ms)
                    await self._writer.collect_garbage()
                    return report
            except FlaghoistError as error:
                self._record_failure(error)
                raise

    def _record_success(self, report: PublishReport, started_at_ms: int) -> None:
        self._schedule.succeed(started_at_ms, report.confirmed_at_ms)
        PUBLISHES.labels(report.environment, "confirmed" if report.is_confirmation else "published").inc()
        in_kv = self.state.in_kv
        if in_kv is not None and (report.was is None or report.was < in_kv):
            lost = report.was or "no manifest"
            LOG.warning("KV had %s of %s although %s was published", lost, report.environment, in_kv)
        LOG.log(logging.DEBUG if report.is_confirmation else logging.INFO, report.line)
        self.state = PublishState(Phase.PUBLISHED, "", report.version, report.confirmed_at_ms)

    def _record_failure(self, error: FlaghoistError) -> None:
        now_ms = self._clock.now_ms()
        is_news = str(error) != self.state.detail
        if isinstance(error, LeaseHeld):
            phase, level = Phase.WAITING, logging.DEBUG
            self._schedule.yield_turn(now_ms, error.retry_after_seconds)
        elif isinstance(error, KvAhead | SnapshotError):
            phase, level = Phase.REFUSED, logging.ERROR if is_news else logging.DEBUG
            self._schedule.wait_for_operator(now_ms)
        else:
            phase, level = Phase.FAILING, logging.WARNING if is_news else logging.DEBUG
            self._schedule.fail(now_ms, error.retry_after_seconds if isinstance(error, Unavailable) else 0.0)
        self.state = msgspec.structs.replace(self.state, phase=phase, detail=str(error))
        PUBLISHES.labels(self._writer.environment, phase).inc()
        wait_seconds = max(0, self._schedule.due_at_ms - now_ms) / 1000
        LOG.log(level, "%s: %s; retrying in %.1f s", self._writer.environment, error, wait_seconds)
