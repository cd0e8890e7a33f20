"""Accept events: acknowledged means committed, and requests that arrive together share one transaction."""

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import msgspec

from flaghoist.errors import TooManyRequests, Unavailable
from flaghoist.protocol.events import Event, Exposure
from flaghoist.snapshot.sealing import Sealer, event_sealer
from flaghoist_origin.observability.metrics import EVENTS
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.storage.database.outages import OutcomeUnknown
from flaghoist_origin.storage.environments.events import (
    EventKey,
    EventRow,
    EventStorage,
    ExposureRow,
    TrackedRow,
    key_of,
)

WAITING_MOST = 20_000
AT_ONCE_MOST = 5_000
RETRY_SECONDS = 2
OLDEST_MS = 30 * 24 * 3_600_000


class IntakeResult(msgspec.Struct, frozen=True):
    """How many events were stored now, and how many had been stored before."""

    accepted: int
    duplicates: int


class _Batch(msgspec.Struct, eq=False):
    """One request's events, and their result: ``taken`` or ``fault`` once it is known."""

    rows: Sequence[EventRow]
    taken: IntakeResult | None = None
    fault: Unavailable | None = None


class Intake:
    """The queue for all events of this process; bounded, so that a slow database slows reporters, not this process."""

    def __init__(self, store: EventStorage, secret: str, clock: Clock) -> None:
        self._store, self._secret, self._clock = store, secret.encode(), clock
        self._sealers: dict[str, Sealer] = {}
        self._waiting: list[_Batch] = []
        self._count = 0
        self._turn = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """The number of events that wait for the database."""
        return self._count

    async def take(self, environment: str, events: Sequence[Event]) -> IntakeResult:
        """Return once the events are committed; raise Unavailable or TooManyRequests if they must be sent again."""
        if not events:
            return IntakeResult(0, 0)
        if self._count + len(events) > WAITING_MOST:
            raise TooManyRequests(
                f"{self._count} events wait for the database already: send these again later", RETRY_SECONDS
            )
        batch = _Batch(self._rows(environment, events))
        self._waiting.append(batch)
        self._count += len(batch.rows)
        async with self._turn:
            if batch.taken is None and batch.fault is None:
                await self._commit(batch)
        if batch.taken is None:
            raise batch.fault or Unavailable("the events were not stored: send them again", RETRY_SECONDS)
        EVENTS.labels("accepted").inc(batch.taken.accepted)
        EVENTS.labels("duplicate").inc(batch.taken.duplicates)
        return batch.taken

    async def _commit(self, first: _Batch) -> None:
        """Store the batch whose turn it is, and other waiting ones, in one transaction."""
        batches = self._next(first)
        owners: dict[EventKey, _Batch] = {}
        for batch in batches:
            for row in batch.rows:
                owners.setdefault(key_of(row), batch)
        rows = {key_of(row): row for batch in reversed(batches) for row in reversed(batch.rows)}
        try:
            added = await self._store.add_events(list(rows.values()))
        except Unavailable as error:
            _fail_batches(batches, error)
        except BaseException:
            # The other requests continue and get their own turn.
            self._waiting[:0] = batches[1:]
            self._count += sum(len(batch.rows) for batch in batches[1:])
            raise
        else:
            _finish_batches(batches, owners, added)

    def _next(self, first: _Batch) -> list[_Batch]:
        """Take the first waiting batch, and as many others as fit into one transaction."""
        batches, size = [first], len(first.rows)
        self._waiting.remove(first)
        while self._waiting and size + len(self._waiting[0].rows) <= AT_ONCE_MOST:
            batches.append(self._waiting.pop(0))
            size += len(batches[-1].rows)
        self._count -= size
        return batches

    def _rows(self, environment: str, events: Sequence[Event]) -> list[EventRow]:
        sealer = self._sealers.get(environment) or self._sealers.setdefault(
            environment, event_sealer(self._secret, environment)
        )
        now_ms = self._clock.now_ms()
        return [_row(environment, event, sealer, now_ms) for event in events]


def _row(environment: str, event: Event, sealer: Sealer, now_ms: int) -> EventRow:
    unit = sealer.unit(event.unit) if event.unit else None
    at_ms = plausible_ms(event.at, now_ms)
    if isinstance(event, Exposure):
        place = (environment, event.id, event.flag, event.variant, event.version)
        return ExposureRow(*place, unit, at_ms, event.source, event.count)
    attributes = msgspec.json.encode(event.attributes).decode() if event.attributes else None
    return TrackedRow(environment, event.id, event.name, unit, event.value, at_ms, event.source, attributes)


def plausible_ms(at: float, now_ms: int) -> int:
    """Return the time of an event: the client's, unless that is in the future or more than a month old; then now."""
    return int(at) if now_ms - OLDEST_MS <= at <= now_ms else now_ms


def _fail_batches(batches: Sequence[_Batch], error: Unavailable) -> None:
    if isinstance(error, OutcomeUnknown):
        error = Unavailable(
            "the database was lost while it stored the events: send the same again, their ids make that harmless",
            error.retry_after_seconds,
        )
    for batch in batches:
        batch.fault = error


def _finish_batches(batches: Sequence[_Batch], owners: dict[EventKey, _Batch], added: AbstractSet[EventKey]) -> None:
    """Tell each batch which of its events were new; an event in two batches counts for the first one."""
    accepted = dict.fromkeys(map(id, batches), 0)
    for key in added:
        accepted[id(owners[key])] += 1
    for batch in batches:
        new = accepted[id(batch)]
        batch.taken = IntakeResult(new, len(batch.rows) - new)
