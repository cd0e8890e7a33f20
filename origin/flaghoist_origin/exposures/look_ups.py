"""Exposures that this origin knows of itself: single flags that it answered, for callers and for edges alike."""

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
    """Notes answers while they are given, which costs no I/O. Start `run` as a task, so that they are stored."""

    def __init__(self, intake: Intake, clock: Clock, *, is_on: bool) -> None:
        self._intake, self._clock, self._is_on = intake, clock, is_on
        self._noted: deque[tuple[str, Exposure]] = deque()

    def note(self, question: EvaluationRequest, reply: Response) -> None:
        """Remember an answer to a single look-up, if it served somebody a variation."""
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
        """Store what was noted, every second, until cancelled; and once more then."""
        try:
            while True:
                await asyncio.sleep(FLUSH_SECONDS)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Store what was noted; what the database does not take now stays for the next time."""
        while noted := list(islice(self._noted, AT_ONCE)):
            by_environment: dict[str, list[Exposure]] = {}
            for environment, exposure in noted:
                by_environment.setdefault(environment, []).append(exposure)
            try:
                for environment, exposures in by_environment.items():
                    await self._intake.take(environment, exposures)
            except (TooManyRequests, Unavailable) as error:
                # What was stored of them already is not stored twice: the ids stay the same.
                LOG.info("exposures of single look-ups are stored later: %s", error)
                return
            for _ in noted:
                self._noted.popleft()
