"""A rate limit for events from public keys: a token bucket per environment, filled at a steady rate."""

import math

import msgspec

from flaghoist.errors import TooManyRequests
from flaghoist.limits import EVENTS
from flaghoist_origin.runtime.clock import Clock

BURST_SECONDS = 10


class _Bucket(msgspec.Struct, eq=False):
    tokens: float
    at_ms: int


class Rates:
    """Admits ``per_second`` events per environment, with bursts of ten seconds' worth or one whole request."""

    def __init__(self, per_second: int, clock: Clock) -> None:
        self._per_second, self._clock = per_second, clock
        self._most = float(max(BURST_SECONDS * per_second, EVENTS.value))
        self._buckets: dict[str, _Bucket] = {}

    def pass_through(self, environment: str, count: int) -> None:
        """Admit ``count`` events of an environment; raise TooManyRequests if they exceed the rate."""
        now_ms = self._clock.now_ms()
        bucket = self._buckets.setdefault(environment, _Bucket(self._most, now_ms))
        grown = bucket.tokens + max(0, now_ms - bucket.at_ms) * self._per_second / 1000
        bucket.tokens, bucket.at_ms = min(self._most, grown), now_ms
        if bucket.tokens < count:
            seconds = math.ceil((count - bucket.tokens) / self._per_second)
            raise TooManyRequests(
                f"client keys of {environment} may report {self._per_second} events per second here:"
                " send these again later, or raise FLAGHOIST_EVENTS_PER_SECOND",
                max(1, seconds),
            )
        bucket.tokens -= count
