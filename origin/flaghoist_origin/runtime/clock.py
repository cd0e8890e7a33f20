"""The origin's clock: passed as a parameter, so that tests control the time."""

import time
from typing import Protocol


class Clock(Protocol):
    """A source of the present time."""

    def now_ms(self) -> int:
        """Return milliseconds since the epoch."""


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Return milliseconds since the epoch."""
        return time.time_ns() // 1_000_000
