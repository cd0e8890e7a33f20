"""Exposures that this origin records itself: single-flag answers, to direct callers and to edges."""

import asyncio
import logging
import secrets
from collections import deque
from itertools import islice

from flaghoist.answers.look_ups import look_up_of
from flaghoist.errors import TooManyRequests, Unavailable
from flaghoist.protocol.events import Exposure
from flaghoist.protocol.requests import EvaluationRequest, Response
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
        self._noted: deque[tuple[str, Exposure]] = deque()

    def note(self, question: EvaluationRequest, reply: Response) -> None:
        """Record the answer to a single-flag request, if it served a variation to a unit."""
        found = look_up_of(question, reply) if self._is_on else None
        if found is None:
            return
        if len(self._noted) >= KEPT_MOST:
            EVENTS.labels("dropped").inc()
            return
        exposure = Exposure(
            id=secrets.token_urlsafe(ID_BYTES),
            flag=found.flag,
            variant=found.variant,
            at=self._clock.now_ms(),
            version=found.version,
            unit=found.unit,
            source=SOURCE,
        )
        self._noted.append((question.environment, exposure))

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
        while noted := list(islice(self._noted, AT_ONCE)):
            by_environment: dict[str, list[Exposure]] = {}
            for environment, exposure in noted:
                by_environment.setdefault(environment, []).append(exposure)
            try:
                for environment, exposures in by_environment.items():
                    await self._intake.take(environment, exposures)
            except (TooManyRequests, Unavailable) as error:
                # Events that were stored already are not stored twice, because their ids stay the same.
                LOG.info("exposures of single flags will be stored later: %s", error)
                return
            for _ in noted:
                self._noted.popleft()
