"""The queue that callers hold: putting an event in is an append, whatever the origin, the disk or the network do."""

import atexit
import os
import random
import time
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Signal
from threading import Lock, Thread

import msgspec

from flaghoist.limits import EVENT_BYTES
from flaghoist.protocol.events import Event, Exposure, encode_event
from flaghoist.sdk.events.delivery import DeliveryOptions, EventDelivery, Send
from flaghoist.sdk.events.folding import Folds, new_id
from flaghoist.sdk.events.spool import Spool
from flaghoist.sdk.events.tally import Tally

MIB = 1024 * 1024
MEMORY_BYTES = 8 * MIB
SPOOL_BYTES = 64 * MIB
FOLDS = 10_000
FOLD_SECONDS = 60.0
EXIT_SECONDS = 2.0
_STRAGGLERS_SECONDS = 0.02


class QueueStatus(msgspec.Struct, frozen=True):
    """Where a queue stands, in events, and the faults of origin and disk in words, empty when there are none.

    ``waiting`` in memory, ``spool_bytes`` on disk; ``acknowledged`` by an origin, ``duplicates`` among those;
    ``refused`` by it one by one, ``given_up`` because it would not read them; ``turned_away`` by `EventQueue.put`;
    ``corrupt`` lines of the spool that could not be read.
    """

    waiting: int
    spool_bytes: int
    acknowledged: int
    duplicates: int
    refused: int
    given_up: int
    turned_away: int
    corrupt: int
    fault: str
    spool_fault: str


class _Call(msgspec.Struct, frozen=True):
    """What a caller wants of the thread; ``done`` is set when it has happened, ``result`` then says how it went."""

    until: float = 0.0
    is_last: bool = False
    done: Signal | None = None
    result: list[bool] = []


_WAKE = _Call()


class EventQueue:
    """Reports events from a thread of its own; make one per process, and `close` it at the end.

    ``put`` never waits: True means that the event is counted, sent or on disk sooner or later, whatever the origin
    does; False that it was turned away, and counted as that. What is True is lost only when the process is killed: then
    what had come since the last batch, ``flush_seconds`` at most, or all that memory holds where there is no spool.

    ``send`` gets a body for ``POST /v1/events`` and returns the answer, `NOBODY` if there is none; it runs in the
    thread, so it should give up after some seconds. Memory holds ``most_events`` and about 8 MiB of them, ``spool`` (a
    folder; None: nothing is kept on disk) ``most_spool_bytes``. Exposures of the same unit to the same variation within
    ``fold_seconds`` become one event with their count.
    """

    def __init__(
        self,
        send: Send,
        *,
        spool: Path | None = None,
        most_events: int = 10_000,
        most_spool_bytes: int = SPOOL_BYTES,
        batch: int = 500,
        flush_seconds: float = 5.0,
        fold_seconds: float = FOLD_SECONDS,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        monotonic: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._send, self._spool_root, self._most_spool_bytes = send, spool, most_spool_bytes
        self._most_events, self._rules = most_events, DeliveryOptions(min(batch, most_events), flush_seconds)
        self._fold_seconds = fold_seconds
        self._now_ms, self._monotonic, self._draw = now_ms, monotonic, draw
        self._is_closed = False
        self._reset()
        _QUEUES.add(self)
        atexit.register(self._at_exit)
        self._start()

    def put(self, event: Event) -> bool:
        """Take an event to be reported; return False when it is turned away: nothing more fits, or the queue is closed.

        Any thread may call it, and a coroutine too: it takes no lock and touches neither disk nor network.
        """
        if self._is_closed:
            return self._turn_away()
        if isinstance(event, Exposure) and self._folds.is_repeat(event):
            return True
        return self._accept(event)

    def expose(self, flag: str, variant: str, *, version: str = "", unit: str = "", source: str = "sdk") -> bool:
        """Report that a unit was given a variation just now; otherwise as `put`."""
        if not self._is_closed and self._folds.has_counted((flag, variant, version, unit)):
            return True
        at, event_id = self._now_ms(), new_id()
        return self.put(
            Exposure(id=event_id, flag=flag, variant=variant, at=at, version=version, unit=unit, source=source)
        )

    def flush(self, timeout: float) -> bool:
        """Send all that was put so far; return whether an origin has it. Waits up to ``timeout`` seconds."""
        return self._ask(timeout, is_last=False)

    def close(self, timeout: float) -> bool:
        """Take no more events, send or spool what there is, and end the thread; return whether an origin has it all.

        Waits up to ``timeout`` seconds. What it then leaves in the spool is sent by the next process that has it.
        """
        if self._is_closed:
            return self._delivery.is_empty
        self._is_closed = True
        atexit.unregister(self._at_exit)
        return self._ask(timeout, is_last=True)

    def status(self) -> QueueStatus:
        """Return where the queue stands, as far as that can be told while others use it."""
        delivery, spool = self._delivery, self._delivery.spool
        with self._looking:
            turned_away = self._turned_away.total()
        return QueueStatus(
            waiting=len(self._fresh) + delivery.waiting,
            spool_bytes=spool.size if spool else 0,
            acknowledged=delivery.acknowledged,
            duplicates=delivery.duplicates,
            refused=delivery.refused,
            given_up=delivery.given_up,
            turned_away=turned_away,
            corrupt=spool.corrupt if spool else 0,
            fault=delivery.fault,
            spool_fault=spool.fault if spool else "",
        )

    def _reset(self) -> None:
        """Begin with nothing."""
        self._fresh: deque[bytes] = deque()
        # Its `put` never waits for whoever reads, as an Event's `set` may.
        self._calls: SimpleQueue[_Call] = SimpleQueue()
        self._is_awake = self._is_full = False
        self._turned_away, self._looking = Tally(), Lock()
        self._folds = Folds(self._fold_seconds, FOLDS, self._monotonic)
        spool = Spool(self._spool_root, self._most_spool_bytes) if self._spool_root else None
        self._delivery = EventDelivery(self._send, spool, monotonic=self._monotonic, rules=self._rules, draw=self._draw)
        self._thread: Thread | None = None
        self._starting = Lock()

    def _start(self) -> None:
        """Start the thread, unless another one is just doing that."""
        if self._thread is None and self._starting.acquire(blocking=False):
            self._thread = Thread(target=self._run, name="flaghoist-events", daemon=True)
            self._thread.start()

    def _accept(self, event: Event) -> bool:
        waiting = len(self._fresh) + self._delivery.waiting
        if self._is_full or waiting >= self._most_events:
            self._wake()
            return self._turn_away()
        try:
            line = encode_event(event)
        except (TypeError, ValueError, OverflowError, msgspec.MsgspecError):
            return self._turn_away()
        if len(line) > EVENT_BYTES.value:
            return self._turn_away()
        self._fresh.append(line)
        if self._thread is None:
            self._start()
        if waiting + 1 >= self._rules.batch:
            self._wake()
        return True

    def _turn_away(self) -> bool:
        self._turned_away.add()
        return False

    def _wake(self) -> None:
        if not self._is_awake:
            self._is_awake = True
            self._calls.put(_WAKE)

    def _ask(self, timeout: float, *, is_last: bool) -> bool:
        call = _Call(self._monotonic() + timeout, is_last, Signal(), [])
        self._start()
        self._calls.put(call)
        return call.done is not None and call.done.wait(timeout) and call.result == [True]

    def _run(self) -> None:
        """Give the delivery its turns; the only code that touches it."""
        if self._delivery.spool:
            self._delivery.spool.adopt()
        wait, call = 0.0, _WAKE
        while not call.is_last:
            call = self._heard(wait)
            self._collect(is_last=call.is_last)
            if call.done is not None:
                self._obey(call)
            wait = 0.0 if call.done else self._delivery.work()
            self._is_full = self._delivery.bytes > MEMORY_BYTES

    def _heard(self, wait: float) -> _Call:
        try:
            return (
                self._calls.get(timeout=min(wait, self._rules.flush_seconds)) if wait > 0 else self._calls.get_nowait()
            )
        except Empty:
            return _WAKE

    def _obey(self, call: _Call) -> None:
        """Flush; for the last time if so asked, after everything is safe on disk."""
        if call.is_last:
            self._delivery.save()
        call.result.append(self._delivery.send_all(call.until))
        if call.is_last and self._delivery.spool:
            self._delivery.save()
            self._delivery.spool.close()
        if call.done:
            call.done.set()

    def _collect(self, *, is_last: bool) -> None:
        """Take what was put; at the end also what threads put that found the queue still open."""
        self._is_awake = False
        self._take_fresh()
        if is_last:
            time.sleep(_STRAGGLERS_SECONDS)
            self._take_fresh()
        self._delivery.add(map(encode_event, self._folds.sweep(self._now_ms(), is_last=is_last)))

    def _take_fresh(self) -> None:
        # The count first: what others append meanwhile is left for the next turn, so that this one ends.
        self._delivery.add([self._fresh.popleft() for _ in range(len(self._fresh))])

    def _at_exit(self) -> None:
        # A child that has reported nothing has no thread, and may start none while it ends.
        if self._thread is not None:
            self.close(EXIT_SECONDS)

    def _forked(self) -> None:
        """Begin anew in a child process: what there was, the thread too, is the parent's."""
        if self._delivery.spool:
            self._delivery.spool.disown()
        self._reset()


_QUEUES: "weakref.WeakSet[EventQueue]" = weakref.WeakSet()


def _after_fork() -> None:
    for queue in list(_QUEUES):
        queue._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
