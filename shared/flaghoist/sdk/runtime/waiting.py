"""Back-off with jitter before another attempt, so that many providers do not return to an origin at once."""

import random
from collections.abc import Callable
from dataclasses import dataclass

DOUBLINGS_MOST = 16
AROUND = 0.2
"""Intervals vary by up to a tenth in either direction."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits that grow from about ``base_seconds`` to ``most_seconds``; ``draw`` returns a number in [0, 1)."""

    base_seconds: float
    most_seconds: float
    draw: Callable[[], float] = random.random

    def after_failure(self, attempt: int, at_least_seconds: float = 0.0) -> float:
        """Return the wait after failed attempt number ``attempt``, from 0: half of a doubling span plus a random half.

        A wait that the server asked for takes precedence.
        """
        span = min(self.most_seconds, self.base_seconds * 2.0 ** min(attempt, DOUBLINGS_MOST))
        return at_least_seconds + span * (0.5 + self.draw() / 2)

    def around(self, seconds: float) -> float:
        """Return an interval that differs from ``seconds`` by a random tenth at most."""
        return seconds * (1 - AROUND / 2 + AROUND * self.draw())

    def share_of(self, seconds: float) -> float:
        """Return a random part of ``seconds``."""
        return seconds * self.draw()
