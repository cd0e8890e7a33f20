"""The queue as callers hold it: never waiting, bounded, and true to its word about every event that it took."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

import msgspec
import pytest

from flaghoist.limits import EVENT_BYTES
from flaghoist.protocol.events import Track
from flaghoist.sdk.events import BatchResponse, EventQueue
from tests.shared.sdk.events.an_origin_of_events import SECONDS, AnOrigin, an_exposure, numbers


@contextmanager
def a_queue(origin: AnOrigin | Stuck, **options: Any) -> Iterator[EventQueue]:
    """Make a queue that sends at once, and close it."""
    queue = EventQueue(origin.send, **{"flush_seconds": 0.02, **options})
    try:
        yield queue
    finally:
        queue.close(SECONDS)


def put_all(queue: EventQueue, *wanted: int) -> list[int]:
    """Put exposures; return those that were taken."""
    return [number for number in wanted if queue.put(an_exposure(number))]


class Stuck:
    """A sender that does not come back until it is let go; ``entered`` says that it was called."""

    def __init__(self, origin: AnOrigin) -> None:
        self.entered, self.go_on = Signal(), Signal()
        self._origin = origin

    def send(self, body: bytes) -> BatchResponse:
        self.entered.set()
        self.go_on.wait(SECONDS)
        return self._origin.send(body)


def test_put__few_events__arrive_by_themselves() -> None:
    origin = AnOrigin()
    with a_queue(origin) as queue:
        assert put_all(queue, 1, 2) == [1, 2]
        origin.until(lambda: numbers(origin) == [1, 2])


def test_put__full_batch__does_not_wait_for_its_time() -> None:
    origin = AnOrigin()
    with a_queue(origin, flush_seconds=3_600.0, batch=10) as queue:
        put_all(queue, *range(10))
        origin.until(lambda: len(origin.stored) == 10)


def test_flush__sends_all__and_says_whether_it_could() -> None:
    origin = AnOrigin()
    with a_queue(origin, flush_seconds=3_600.0) as queue:
        put_all(queue, 1, 2, 3)
        assert queue.flush(SECONDS)
        assert numbers(origin) == [1, 2, 3]
        origin.mode = "away"
        put_all(queue, 4)
        assert not queue.flush(SECONDS)
        assert queue.status().fault == "no origin answers"
        origin.mode = "ok"
        assert queue.flush(SECONDS)
        assert numbers(origin) == [1, 2, 3, 4]


def test_put__sender_stuck__turns_away_when_full_and_keeps_its_word() -> None:
    origin = AnOrigin()
    stuck = Stuck(origin)
    with a_queue(stuck, most_events=50, batch=10) as queue:
        taken = put_all(queue, 0)
        assert stuck.entered.wait(SECONDS)
        taken += put_all(queue, *range(1, 200))
        status = queue.status()
        assert (len(taken), status.turned_away, status.waiting) == (50, 150, 50)
        stuck.go_on.set()
        assert queue.flush(SECONDS)
        assert numbers(origin) == taken


@pytest.mark.skipif(sys.platform != "linux", reason="no other system counts the waits of one thread")
def test_put__sender_stuck__the_calling_thread_waits_for_nothing() -> None:
    """A thread that waits, be it for a lock, gives the processor away of its own accord: the system counts that."""
    stuck = Stuck(AnOrigin())
    with a_queue(stuck, most_events=1_000) as queue:
        put_all(queue, 0)
        assert stuck.entered.wait(SECONDS)
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
        taken = put_all(queue, *range(1, 20_000))
        waits = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw - before
        stuck.go_on.set()
    assert len(taken) == 999
    assert waits <= 5, "a page of memory may have to be fetched"


def test_put__origin_away_and_memory_small__spool_holds_everything(tmp_path: Path) -> None:
    origin = AnOrigin("away")
    with a_queue(origin, spool=tmp_path, most_events=20, batch=5) as queue:
        taken: list[int] = []
        tries = count()
        while len(taken) < 500:
            taken += put_all(queue, next(tries))
        assert not queue.flush(SECONDS)
        assert queue.status().spool_bytes > 0
        origin.mode = "ok"
        assert queue.flush(SECONDS)
        assert numbers(origin) == taken


def test_put__spool_full_and_memory_full__turns_away_and_loses_nothing_it_took(tmp_path: Path) -> None:
    origin = AnOrigin("away")
    with a_queue(origin, spool=tmp_path, most_events=20, batch=5, most_spool_bytes=2_000) as queue:
        taken = put_all(queue, *range(20))
        queue.flush(SECONDS)
        taken += put_all(queue, *range(20, 1_000))
        queue.flush(SECONDS)
        status = queue.status()
        assert 0 < status.spool_bytes <= 2_000
        assert status.turned_away == 1_000 - len(taken) > 0
        assert "the spool is full" in status.spool_fault
        origin.mode = "ok"
        assert queue.flush(SECONDS)
        assert numbers(origin) == taken


def test_close__origin_away__left_in_the_spool_for_the_next_process(tmp_path: Path) -> None:
    origin = AnOrigin("away")
    queue = EventQueue(origin.send, spool=tmp_path)
    put_all(queue, 1, 2, 3)
    assert not queue.close(SECONDS)
    assert not queue.put(an_exposure(4)), "a closed queue takes nothing"
    assert origin.stored == {}

    origin.mode = "ok"
    with a_queue(origin, spool=tmp_path):
        origin.until(lambda: numbers(origin) == [1, 2, 3])
    assert list(tmp_path.rglob("*.events")) == []


def test_close__twice_and_without_events__is_harmless() -> None:
    queue = EventQueue(AnOrigin().send)
    assert queue.close(SECONDS)
    assert queue.close(SECONDS)


def test_close__sender_stuck__comes_back_in_time() -> None:
    origin = AnOrigin()
    stuck = Stuck(origin)
    queue = EventQueue(stuck.send, flush_seconds=0.01)
    queue.put(an_exposure(1))
    assert stuck.entered.wait(SECONDS)
    assert not queue.close(0.05)
    stuck.go_on.set()
    origin.until(lambda: numbers(origin) == [1])


def test_expose__repeated__one_event_at_once_and_one_with_the_count() -> None:
    origin = AnOrigin()
    with a_queue(origin, flush_seconds=3_600.0) as queue:
        for _ in range(1_000):
            assert queue.expose("checkout", "on", version="1-43", unit="ada")
        assert queue.flush(SECONDS)
        assert (len(origin.stored), origin.uses) == (1, 1)
        assert queue.close(SECONDS)
    assert (len(origin.stored), origin.uses) == (2, 1_000)


def test_put__threads__each_event_once_and_none_lost(tmp_path: Path) -> None:
    origin = AnOrigin()
    taken: list[list[int]] = []
    with a_queue(origin, spool=tmp_path, most_events=2_000, batch=100) as queue:

        def put_many(first: int) -> None:
            taken.append(put_all(queue, *range(first, first + 3_000)))

        threads = [Thread(target=put_many, args=(number * 3_000,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for mode in ("forgets", "away", 503, "ok"):
            origin.mode = mode
            queue.flush(SECONDS)
        for thread in threads:
            thread.join()
        assert queue.flush(SECONDS)
        kept = sorted(number for numbers_of_one in taken for number in numbers_of_one)
        assert numbers(origin) == kept
        assert len(kept) + queue.status().turned_away == 12_000


def test_put__event_too_large_or_no_json__turned_away() -> None:
    origin = AnOrigin()
    large = {f"a{number}": "x" * 500 for number in range(EVENT_BYTES.value // 500 + 1)}
    with a_queue(origin) as queue:
        assert not queue.put(Track(id="a", name="x", attributes=large))
        assert not queue.put(Track(id="b", name="x", attributes={"a": object()}))  # type: ignore[dict-item]
        assert not queue.put(msgspec.structs.replace(an_exposure(1), unit="\udc00"))
        assert queue.status().turned_away == 3
        assert queue.flush(SECONDS)
    assert origin.stored == {}


def test_status__counts_what_the_origin_said() -> None:
    origin = AnOrigin()
    with a_queue(origin) as queue:
        put_all(queue, 1, 2)
        queue.put(Track(id="not an id", name="x"))
        assert queue.flush(SECONDS)
        status = queue.status()
    assert (status.acknowledged, status.refused, status.waiting, status.fault) == (2, 1, 0, "")


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_fork__child__reports_its_own_events_and_not_the_parents(tmp_path: Path) -> None:
    origin = AnOrigin()
    queue = EventQueue(origin.send, spool=tmp_path, flush_seconds=3_600.0)
    put_all(queue, 1)
    child = os.fork()
    if child == 0:
        put_all(queue, 2)
        queue.flush(SECONDS)
        os._exit(0 if numbers(origin) == [2] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert queue.close(SECONDS)
    assert numbers(origin) == [1]


PROGRAM = """
import sys
from pathlib import Path
from flaghoist.sdk.events import NO_RESPONSE, EventQueue, Exposure

queue = EventQueue(lambda body: NO_RESPONSE, spool=Path(sys.argv[1]), flush_seconds=3600.0)
for number in range(3):
    assert queue.put(Exposure(id=f"e-{number}", flag="checkout", variant="on", unit=f"u{number}"))
"""


def test_process__that_ends_without_close__leaves_its_events_in_the_spool(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], check=True, timeout=60)

    origin = AnOrigin()
    with a_queue(origin, spool=tmp_path):
        origin.until(lambda: numbers(origin) == [0, 1, 2])


SPOOLING = """
import sys, time
from pathlib import Path
from flaghoist.sdk.events import NO_RESPONSE, EventQueue, Exposure

queue = EventQueue(lambda body: NO_RESPONSE, spool=Path(sys.argv[1]), flush_seconds=0.02, batch=50)
for number in range(500):
    assert queue.put(Exposure(id=f"e-{number}", flag="checkout", variant="on", unit=f"u{number}"))
while queue.status().waiting:
    time.sleep(0.01)
print("spooled", flush=True)
time.sleep(60)
"""


def test_process__killed_once_its_events_were_spooled__loses_none(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SPOOLING, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "spooled\n"
        process.kill()

    origin = AnOrigin()
    with a_queue(origin, spool=tmp_path) as queue:
        origin.until(lambda: numbers(origin) == list(range(500)))
        assert queue.status().corrupt == 0
