"""Exposures that this origin records itself: single-flag answers, to direct callers and to edges."""

import asyncio
import logging
import secrets
from collections import deque
from itertools import islice

from flaghoist.errors import TooManyRequests, Unavailable
from flaghoist.protocol.events import Exposure
from flaghoist.protocol.requests import LookUp
from flaghoist_origin.exposures.intake import Intake
from flaghoist_origin.observability.metrics import EVENTS
from flaghoist_origin.runtime.clock import Clock

LOG = logging.getLogger("flaghoist.origin")
SOURCE = "origin"
FLUSH_SECONDS = 1.0
KEPT_MOST = 10_000
AT_ONCE = 1_000
ID_BYTES = 16


class LookUps:
    """Records answers without I/O. Start `run` as a task, so that they are stored."""

    def __init__(self, intake: Intake, clock: Clock, *, is_on: bool) -> None:
        self._intake, self._clock, self._is_on = intake, clock, is_on
        self._queued: deque[tuple[str, Exposure]] = deque()

    def add_look_up(self, environment: str, look_up: LookUp) -> None:
        """Record what an answer to a single flag served, as an exposure of the environment."""
        if not self._is_on:
            return
        if len(self._queued) >= KEPT_MOST:
            EVENTS.labels("dropped").inc()
            return
        exposure = Exposure(
            id=secrets.token_urlsafe(ID_BYTES),
            flag=look_up.flag,
            variant=look_up.variant,
            at=self._clock.now_ms(),
            version=look_up.version,
            unit=look_up.unit,
            source=SOURCE,
        )
        self._queued.append((environment, exposure))

    async def run(self) -> None:
        """Store the recorded exposures every second until cancelled, and once more at the end."""
        try:
            while True:
                await asyncio.sleep(FLUSH_SECONDS)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Store the recorded exposures; those that the database does not accept now stay for the next time."""
        while batch := list(islice(self._queued, AT_ONCE)):
            by_environment: dict[str, list[Exposure]] = {}
            for environment, exposure in batch:
                by_environment.setdefault(environment, []).append(exposure)
            try:
                for environment, exposures in by_environment.items():
                    await self._intake.take(environment, exposures)
            except (TooManyRequests, Unavailable) as error:
                # Events that were stored already are not stored twice, because their ids stay the same.
                LOG.info("exposures of single flags will be stored later: %s", error)
                return
            for _ in batch:
                self._queued.popleft()
