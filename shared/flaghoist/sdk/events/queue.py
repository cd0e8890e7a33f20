"""The event queue for callers: adding an event is one append and never waits for origin, disk or network."""

import atexit
import random
import time
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
from flaghoist.sdk.runtime import forks

MIB = 1024 * 1024
MEMORY_BYTES = 8 * MIB
SPOOL_BYTES = 64 * MIB
FOLDS = 10_000
FOLD_SECONDS = 60.0
EXIT_SECONDS = 2.0
_STRAGGLERS_SECONDS = 0.02


class QueueStatus(msgspec.Struct, frozen=True):
    """The state of a queue in counts of events, and the faults of origin and disk in words, empty without a fault.

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


class _Command(msgspec.Struct, frozen=True):
    """A caller's command to the thread; ``done`` is set afterwards, and ``result`` then holds the outcome."""

    until: float = 0.0
    is_last: bool = False
    done: Signal | None = None
    result: list[bool] = []


_WAKE = _Command()


class EventQueue:
    """Reports events from its own thread; make one per process, and `close` it at the end.

    ``put`` never waits. True means that the event will be counted, sent or written to disk, whatever the origin does;
    False means that it was turned away, which is counted. An accepted event is lost only if the process is killed: then
    everything since the last batch, ``flush_seconds`` at most, or everything in memory without a spool.

    ``send`` gets a body for ``POST /v1/events`` and returns the answer, `NO_RESPONSE` if there is none. It runs in the
    thread, so it should time out after some seconds. Memory holds ``most_events`` and about 8 MiB of them, ``spool`` (a
    folder; None: no disk) holds ``most_spool_bytes``. Exposures of the same unit to the same variation within
    ``fold_seconds`` become one event with a count.
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
        forks.register_listener(self)
        atexit.register(self._at_exit)
        self._start()

    def put(self, event: Event) -> bool:
        """Add an event to be reported; return False if it is turned away: the queue is full or closed.

        Any thread may call it, and a coroutine too: it takes no lock and touches neither disk nor network.
        """
        if self._is_closed:
            return self._turn_away()
        if isinstance(event, Exposure) and self._folds.is_repeat(event):
            return True
        return self._accept(event)

    def expose(self, flag: str, variant: str, *, version: str = "", unit: str = "", source: str = "sdk") -> bool:
        """Report that a unit was given a variation just now; otherwise as `put`."""
        if not self._is_closed and self._folds.count_repeat((flag, variant, version, unit)):
            return True
        at, event_id = self._now_ms(), new_id()
        return self.put(
            Exposure(id=event_id, flag=flag, variant=variant, at=at, version=version, unit=unit, source=source)
        )

    def flush(self, timeout: float) -> bool:
        """Send all events so far; return whether an origin has them. Waits up to ``timeout`` seconds."""
        return self._flush(timeout, is_last=False)

    def close(self, timeout: float) -> bool:
        """Accept no more events, send or spool the rest, and end the thread; return whether an origin has all events.

        Waits up to ``timeout`` seconds. The next process with this spool sends what is left in it.
        """
        if self._is_closed:
            return self._delivery.is_empty
        self._is_closed = True
        atexit.unregister(self._at_exit)
        return self._flush(timeout, is_last=True)

    def status(self) -> QueueStatus:
        """Return the state of the queue, as far as it can be known while others use it."""
        delivery, spool = self._delivery, self._delivery.spool
        with self._status_lock:
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
        """Start with an empty state."""
        self._fresh: deque[bytes] = deque()
        # Its `put` never waits for a reader, which an Event's `set` may do.
        self._commands: SimpleQueue[_Command] = SimpleQueue()
        self._is_awake = self._is_full = False
        self._turned_away, self._status_lock = Tally(), Lock()
        self._folds = Folds(self._fold_seconds, FOLDS, self._monotonic)
        spool = Spool(self._spool_root, self._most_spool_bytes) if self._spool_root else None
        self._delivery = EventDelivery(self._send, spool, monotonic=self._monotonic, rules=self._rules, draw=self._draw)
        self._thread: Thread | None = None
        self._starting = Lock()

    def _start(self) -> None:
        """Start the thread, unless another thread is doing that."""
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
        self._turned_away.increment()
        return False

    def _wake(self) -> None:
        if not self._is_awake:
            self._is_awake = True
            self._commands.put(_WAKE)

    def _flush(self, timeout: float, *, is_last: bool) -> bool:
        command = _Command(self._monotonic() + timeout, is_last, Signal(), [])
        self._start()
        self._commands.put(command)
        return command.done is not None and command.done.wait(timeout) and command.result == [True]

    def _run(self) -> None:
        """Call the delivery in turns; the only code that touches it."""
        if self._delivery.spool:
            self._delivery.spool.adopt()
        wait, command = 0.0, _WAKE
        while not command.is_last:
            command = self._next_command(wait)
            self._collect(is_last=command.is_last)
            if command.done is not None:
                self._execute(command)
            wait = 0.0 if command.done else self._delivery.work()
            self._is_full = self._delivery.bytes > MEMORY_BYTES

    def _next_command(self, wait: float) -> _Command:
        try:
            return (
                self._commands.get(timeout=min(wait, self._rules.flush_seconds))
                if wait > 0
                else self._commands.get_nowait()
            )
        except Empty:
            return _WAKE

    def _execute(self, command: _Command) -> None:
        """Flush; if this is the last time, write everything to disk first."""
        if command.is_last:
            self._delivery.save()
        command.result.append(self._delivery.send_all(command.until))
        if command.is_last and self._delivery.spool:
            self._delivery.save()
            self._delivery.spool.close()
        if command.done:
            command.done.set()

    def _collect(self, *, is_last: bool) -> None:
        """Collect the added events; at the end also those of threads that found the queue still open."""
        self._is_awake = False
        self._take_fresh()
        if is_last:
            time.sleep(_STRAGGLERS_SECONDS)
            self._take_fresh()
        self._delivery.add_lines(map(encode_event, self._folds.sweep(self._now_ms(), is_last=is_last)))

    def _take_fresh(self) -> None:
        # Read the count first: later events are left for the next turn, so that this one ends.
        self._delivery.add_lines([self._fresh.popleft() for _ in range(len(self._fresh))])

    def _at_exit(self) -> None:
        # A child process without reports has no thread, and cannot start one while it exits.
        if self._thread is not None:
            self.close(EXIT_SECONDS)

    def after_fork(self) -> None:
        """Start empty in a child process: the events and the thread belong to the parent."""
        if self._delivery.spool:
            self._delivery.spool.disown()
        self._reset()
