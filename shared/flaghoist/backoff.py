"""How long to wait before another attempt: a doubling span of which a part is random, so that waiters spread out."""

from collections.abc import Callable
from dataclasses import dataclass

DOUBLINGS_MOST = 16


def spread(seconds: float, width: float, drawn: float) -> float:
    """Return ``seconds`` moved within a range of ``width`` times its length around it; ``drawn`` 0 is the lower end."""
    return seconds * (1 - width / 2 + width * drawn)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits after failed attempts. Attempt n, counted from 0, has a span of ``base_seconds * 2**n``, at most the cap.

    ``draw`` returns a random number in [0, 1). ``least_share`` of the span is always waited, the rest of it times
    ``draw()``: 0 is full jitter, 0.5 equal jitter.
    """

    base_seconds: float
    cap_seconds: float
    draw: Callable[[], float]
    least_share: float = 0.0

    def delay_seconds(self, attempt: int, at_least_seconds: float = 0.0) -> float:
        """Return the wait after an attempt; ``at_least_seconds`` (what the other side asked for) is added to it."""
        span = min(self.cap_seconds, self.base_seconds * 2.0 ** min(attempt, DOUBLINGS_MOST))
        return at_least_seconds + span * (self.least_share + (1 - self.least_share) * self.draw())
