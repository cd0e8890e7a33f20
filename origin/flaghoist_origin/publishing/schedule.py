"""When an environment is published next: soon after a change, not too often, and at every heartbeat."""

from flaghoist.backoff import Backoff


class Schedule:
    """Times of one environment in milliseconds, by the caller's clock; due at once at the start."""

    def __init__(self, *, interval_ms: int, heartbeat_ms: int, backoff: Backoff, now_ms: int) -> None:
        self._interval_ms, self._heartbeat_ms = interval_ms, heartbeat_ms
        self._backoff = backoff
        self._failures = 0
        self._not_before_ms = now_ms
        self.due_at_ms = now_ms

    def request(self, now_ms: int) -> None:
        """Record a change: due as soon as the interval, or the wait after a failure, permits."""
        self.due_at_ms = min(self.due_at_ms, max(now_ms, self._not_before_ms))

    def succeed(self, started_at_ms: int, confirmed_at_ms: int) -> None:
        """Record the success of a round that began at ``started_at_ms``: due a heartbeat after the confirmation in KV.

        The time in KV counts, not the local one, so that origins that share an environment take turns.
        """
        self._failures = 0
        self._not_before_ms = started_at_ms + self._interval_ms
        latest = started_at_ms + self._heartbeat_ms
        self.due_at_ms = max(self._not_before_ms, min(latest, confirmed_at_ms + self._heartbeat_ms))

    def fail(self, now_ms: int, retry_after_seconds: float = 0.0) -> None:
        """Record a failure: due after a jittered wait that doubles with each failure, even without changes."""
        self._defer(now_ms, self._backoff.delay_seconds(self._failures, retry_after_seconds))
        self._failures += 1

    def yield_turn(self, now_ms: int, retry_after_seconds: float) -> None:
        """Record that another origin is publishing: due again soon."""
        self._defer(now_ms, self._backoff.delay_seconds(0, retry_after_seconds))

    def wait_for_operator(self, now_ms: int) -> None:
        """Record that publishing was refused until an operator decides: due at the next heartbeat."""
        self._defer(now_ms, self._heartbeat_ms / 1000)

    def _defer(self, now_ms: int, seconds: float) -> None:
        self.due_at_ms = self._not_before_ms = now_ms + round(seconds * 1000)
