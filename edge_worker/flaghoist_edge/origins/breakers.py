"""A circuit breaker: after a few failures in a row an origin is skipped for a while, then one request tries it."""

import msgspec

from flaghoist_edge.ports.timing import BREAKER_PAUSE_MS, NEVER

FAILURES_TO_OPEN = 3


class Breaker(msgspec.Struct, eq=False):
    """The state of one origin in this isolate."""

    failures: int = 0
    open_until_ms: int = NEVER

    def admits(self, now_ms: int) -> bool:
        """Return whether a request may be sent; after the pause it lets one through and opens again."""
        if now_ms < self.open_until_ms:
            return False
        if self.failures >= FAILURES_TO_OPEN:
            self.open_until_ms = now_ms + BREAKER_PAUSE_MS
        return True

    def succeed(self) -> None:
        """Record an answer."""
        self.failures = 0
        self.open_until_ms = NEVER

    def fail(self, now_ms: int) -> None:
        """Record a missing answer, or one that reports a server error."""
        self.failures += 1
        if self.failures >= FAILURES_TO_OPEN:
            self.open_until_ms = now_ms + BREAKER_PAUSE_MS
