"""Decide what is sent when: full or old batches, those on disk first, and none while the origin does not answer.

One thread owns a `EventDelivery` and calls it in turns.
"""

import logging
import random
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice

import msgspec

from flaghoist.backoff import Backoff
from flaghoist.protocol.events import encode_batch, fitting
from flaghoist.sdk.events.answers import NO_RESPONSE, BatchAction, BatchOutcome, BatchResponse, interpret_response
from flaghoist.sdk.events.spool import Spool, SpoolFile

LOG = logging.getLogger("flaghoist.sdk")

Send = Callable[[bytes], BatchResponse]

_SAVED_AT_ONCE = 500


class DeliveryOptions(msgspec.Struct, frozen=True):
    """How events are sent: at most ``batch`` at a time, ``flush_seconds`` after they arrived; and how pauses grow."""

    batch: int = 500
    flush_seconds: float = 5.0
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 60.0


class EventDelivery:
    """The events that wait in memory and on disk, and counts of the earlier ones.

    Counts of events: ``acknowledged`` by an origin, ``duplicates`` among those, ``refused`` by it one by one,
    ``given_up`` because it would not read them at all. ``fault`` says what prevents sending at present.
    """

    def __init__(
        self,
        send: Send,
        spool: Spool | None,
        *,
        monotonic: Callable[[], float],
        rules: DeliveryOptions,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.acknowledged = self.duplicates = self.refused = self.given_up = 0
        self.fault = ""
        self.bytes = 0
        self.spool = spool
        self._send, self._monotonic, self._rules = send, monotonic, rules
        self._backoff = Backoff(rules.first_pause_seconds, rules.longest_pause_seconds, draw, least_share=0.5)
        self._pending: deque[bytes] = deque()
        self._pending_since = 0.0
        self._from_disk: deque[bytes] = deque()
        self._segment: SpoolFile | None = None
        self._most_events = rules.batch
        self._failures = 0
        self._paused_until = float("-inf")

    @property
    def waiting(self) -> int:
        """How many events are in memory and not on disk."""
        return len(self._pending)

    @property
    def is_empty(self) -> bool:
        """Whether no events wait, neither in memory nor on disk."""
        return not self._pending and not self._from_disk and not (self.spool and self.spool.size)

    def add_lines(self, lines: Iterable[bytes]) -> None:
        """Take events, each the JSON of one."""
        if not self._pending:
            self._pending_since = self._monotonic()
        for line in lines:
            self._pending.append(line)
            self.bytes += len(line)

    def work(self) -> float:
        """Send a batch if one is due; return the seconds until the next turn is useful."""
        now = self._monotonic()
        if now < self._paused_until:
            self.save()
            return self._paused_until - now
        due_in = self._due_in(now)
        if due_in > 0:
            return due_in
        self.send_next()
        return 0.0

    def send_all(self, until: float) -> bool:
        """Send everything, ignoring pauses, up to the first failure or to ``until``; return whether nothing is left."""
        while not self.is_empty and self._monotonic() < until:
            if not self.send_next():
                break
        return self.is_empty

    def save(self) -> None:
        """Write the events in memory to disk, as far as they fit."""
        while self.spool and self._pending:
            # A few at a time: other threads run while a file is written, but not while its content is prepared.
            lines = list(islice(self._pending, _SAVED_AT_ONCE))
            stored = self.spool.append(lines)
            for _ in range(stored):
                self.bytes -= len(self._pending.popleft())
            if stored < len(lines):
                return

    def send_next(self) -> bool:
        """Send one batch; return False if the events stay because nobody accepts them now."""
        source = self._source()
        batch = fitting(source, self._most_events)
        if not batch:
            return True
        response = self._post(encode_batch(batch))
        outcome = interpret_response(response, len(batch))
        if outcome.action is BatchAction.RETRY:
            self._record_failure(response)
            return False
        self._failures, self._paused_until, self.fault = 0, float("-inf"), ""
        if outcome.action is BatchAction.ACCEPTED:
            self._count_accepted(outcome)
            self._drop(source, len(batch))
            self._most_events = self._rules.batch
        elif len(batch) == 1:
            self.given_up += 1
            self._drop(source, 1)
        else:
            self._most_events = len(batch) // 2
        return True

    def _due_in(self, now: float) -> float:
        if self._from_disk or (self.spool and self.spool.size) or len(self._pending) >= self._rules.batch:
            return 0.0
        if not self._pending:
            return self._rules.flush_seconds
        return self._pending_since + self._rules.flush_seconds - now

    def _source(self) -> deque[bytes]:
        """Return the source of the next batch: the oldest segment if there is one, else memory."""
        while not self._from_disk and self.spool and (segment := self.spool.oldest()):
            self._segment = segment
            self._from_disk.extend(self.spool.read(segment))
            if not self._from_disk:
                self.spool.remove(segment)
        return self._from_disk or self._pending

    def _drop(self, source: deque[bytes], count: int) -> None:
        """Drop the first events of ``source``, and their segment when it is empty."""
        dropped = sum(len(source.popleft()) for _ in range(count))
        if source is self._pending:
            self.bytes -= dropped
            self._pending_since = self._monotonic()
        elif not source and self.spool and self._segment:
            self.spool.remove(self._segment)
            self._segment = None

    def _post(self, body: bytes) -> BatchResponse:
        try:
            return self._send(body)
        except Exception:  # the sender is the caller's code; this thread must survive its errors
            LOG.exception("events could not be sent: the sender failed")
            return NO_RESPONSE

    def _record_failure(self, response: BatchResponse) -> None:
        self._failures += 1
        self.fault = (
            f"the origin answers events with status {response.status}" if response.status else "no origin answers"
        )
        pause = self._backoff.delay_seconds(self._failures - 1, response.retry_after_seconds)
        self._paused_until = self._monotonic() + pause
        self.save()

    def _count_accepted(self, outcome: BatchOutcome) -> None:
        answer = outcome.answer
        self.acknowledged += answer.accepted + answer.duplicates
        self.duplicates += answer.duplicates
        self.refused += len(answer.refused)
