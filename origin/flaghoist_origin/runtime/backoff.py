"""Back-off with jitter: a random share of a doubling span, so that clients do not retry at the same time."""

import random
from collections.abc import Callable
from dataclasses import dataclass

DOUBLINGS_MOST = 16


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter: after attempt n (from 0) a random share of ``base_seconds * 2**n``, at most ``cap_seconds``."""

    base_seconds: float
    cap_seconds: float
    draw: Callable[[], float] = random.random

    def delay_seconds(self, attempt: int, at_least_seconds: float = 0.0) -> float:
        """Return the wait; a wait that the server asked for is the minimum, and the jitter is added to it."""
        doubled: float = self.base_seconds * 2.0 ** min(attempt, DOUBLINGS_MOST)
        return at_least_seconds + self.draw() * min(self.cap_seconds, doubled)
