"""Report single-flag evaluations of the edge to an origin as exposures: in batches, after the answers."""

import logging
from collections.abc import Iterator, Sequence
from itertools import count

from flaghoist.limits import EVENT_BYTES, EVENTS
from flaghoist.protocol.events import EVENTS_PATH, Exposure, encode_batch, encode_event, fitting
from flaghoist.protocol.keys import bearer
from flaghoist.protocol.requests import LookUp, Request
from flaghoist_edge.origins.origins import Origins
from flaghoist_edge.ports.platform import Background, EdgeClock, Entropy, Unreachable
from flaghoist_edge.ports.tasks import start
from flaghoist_edge.ports.timing import (
    EVENTS_DEADLINE_MS,
    NEVER,
    REPORT_LINGER_MS,
    REPORT_PAUSE_MS,
    REPORT_TAKE_OVER_MS,
)

SOURCE = "edge"
KEPT_MOST = 1_000
"""How many exposures may wait in an isolate; further ones are not reported."""

_ISOLATE_BYTES = 16
_TOO_MANY = 429

_log = logging.getLogger(__name__)


class Reporter:
    """One per isolate. Exposures wait by the caller's key, shared between requests; one request reports each.

    An event stays until an origin has acknowledged it, under the same id, so a repeated report counts once. ``entropy``
    gives each isolate a unique name at its first report.
    """

    def __init__(self, *, origins: Origins, clock: EdgeClock, entropy: Entropy) -> None:
        self._origins = origins
        self._clock = clock
        self._ids = _unique_ids(entropy)
        self._waiting: dict[str, list[bytes]] = {}
        self._count = 0
        self._has_dropped = False
        self._reporting_since_ms = NEVER
        self._retry_at_ms = NEVER

    def report_look_ups(self, key: str, look_ups: Sequence[LookUp], background: Background) -> None:
        """Queue exposures by the caller of ``key``; they are reported within about a second, behind the answers."""
        now_ms = self._clock.now_ms()
        for each in look_ups:
            self._queue_exposure(key, each, now_ms)
        is_under_way = now_ms - self._reporting_since_ms < REPORT_TAKE_OVER_MS
        if self._count and not is_under_way and now_ms >= self._retry_at_ms:
            self._reporting_since_ms = now_ms
            background.keep_alive(start(self._report_all()))

    def _queue_exposure(self, key: str, look_up: LookUp, now_ms: int) -> None:
        if self._count >= KEPT_MOST:
            if not self._has_dropped:
                _log.warning("exposures are dropped: %d are waiting, and no origin accepts them", self._count)
            self._has_dropped = True
            return
        exposure = Exposure(
            id=next(self._ids),
            flag=look_up.flag,
            variant=look_up.variant,
            at=now_ms,
            version=look_up.version,
            unit=look_up.unit,
            source=SOURCE,
        )
        line = encode_event(exposure)
        if len(line) <= EVENT_BYTES.value:
            self._waiting.setdefault(key, []).append(line)
            self._count += 1

    async def _report_all(self) -> None:
        await self._clock.sleep(REPORT_LINGER_MS)
        for key in list(self._waiting):
            while self._waiting.get(key) and await self._report(key):
                continue
        self._reporting_since_ms = NEVER

    async def _report(self, key: str) -> bool:
        """Report as many as fit into one request; return False if they must be retried later."""
        batch = fitting(self._waiting[key], EVENTS.value)
        headers = {"authorization": bearer(key), "content-type": "application/json"}
        request = Request("POST", EVENTS_PATH, "", headers, encode_batch(batch))
        try:
            response = await self._origins.relay(request, EVENTS_DEADLINE_MS)
        except Unreachable as error:
            _log.info("exposures are reported later: %s", error)
            return self._pause()
        if response.status == _TOO_MANY:
            return self._pause()
        # Any other answer, such as that the key is revoked, would be the same on a retry.
        self._forget(key, batch)
        return True

    def _pause(self) -> bool:
        self._retry_at_ms = self._clock.now_ms() + REPORT_PAUSE_MS
        return False

    def _forget(self, key: str, batch: Sequence[bytes]) -> None:
        done = set(batch)
        left = [line for line in self._waiting.get(key, ()) if line not in done]
        self._count -= len(self._waiting.get(key, ())) - len(left)
        if left:
            self._waiting[key] = left
        else:
            self._waiting.pop(key, None)
        self._has_dropped = False


def _unique_ids(entropy: Entropy) -> Iterator[str]:
    isolate = entropy.random_bytes(_ISOLATE_BYTES).hex()
    for number in count(1):
        yield f"{isolate}-{number}"
