"""What a sender finds at the other end: an origin in memory that stores each event once, or does not answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition

import msgspec

from flaghoist.protocol.events import Event, EventsAnswer, Exposure, read_events
from flaghoist.sdk.events import NO_RESPONSE, BatchResponse

SECONDS = 20.0
"""How long a test waits for a thread before it fails."""


@dataclass
class AnOrigin:
    """Takes bodies while ``mode`` is ok; away: nobody answers, forgets: stores and does not answer, else a status."""

    mode: str | int = "ok"
    retry_after_seconds: float = 0.0
    stored: dict[str, Event] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def send(self, body: bytes) -> BatchResponse:
        """Answer one report."""
        with self.changed:
            answer = self._answer(body)
            self.changed.notify_all()
        return answer

    def _answer(self, body: bytes) -> BatchResponse:
        reading = read_events(body)
        self.asked.append(len(reading.events) + len(reading.refused))
        if isinstance(self.mode, int):
            return BatchResponse(self.mode, b"{}", self.retry_after_seconds)
        if self.mode == "away":
            return NO_RESPONSE
        new = {event.id: event for event in reading.events if event.id not in self.stored}
        self.stored |= new
        said = EventsAnswer(len(new), len(reading.events) - len(new), reading.refused)
        return NO_RESPONSE if self.mode == "forgets" else BatchResponse(202, msgspec.json.encode(said))

    def until(self, is_so: Callable[[], bool]) -> None:
        """Return once something is so that a report brings about."""
        with self.changed:
            assert self.changed.wait_for(is_so, SECONDS), (self.asked, len(self.stored))

    @property
    def uses(self) -> int:
        """How many uses the stored exposures stand for."""
        return sum(event.count for event in self.stored.values() if isinstance(event, Exposure))


@dataclass
class Time:
    """Seconds that pass when told."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


def an_exposure(number: int, unit: str = "") -> Exposure:
    """Return an exposure that is like no other."""
    return Exposure(id=f"e-{number}", flag="checkout", variant="on", unit=unit or f"u{number}")


def encoded(*numbers: int) -> list[bytes]:
    """Return the JSON of exposures."""
    return [msgspec.json.encode(an_exposure(number)) for number in numbers]


def numbers(origin: AnOrigin) -> list[int]:
    """Return which exposures are stored."""
    return sorted(int(event_id.removeprefix("e-")) for event_id in origin.stored)
