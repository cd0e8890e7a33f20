"""The queue against a real origin that is killed while it takes events: nothing taken is lost, nothing counts twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flaghoist.protocol.events import Exposure
from flaghoist.sdk.events import EventQueue, Track, new_id
from tests.shared.sdk.events.an_origin_of_events import SECONDS
from tests.shared.sdk.events.killable_origin import KillableOrigin, killable_origin

EVENTS = 3_000
KILLS = 3


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[KillableOrigin]:
    """Run an origin for one test."""
    with killable_origin(tmp_path / "origin") as started:
        yield started


def put(queue: EventQueue, number: int) -> bool:
    variant = "on" if number % 3 else "off"
    return queue.put(Exposure(id=new_id(), flag="checkout", variant=variant, unit=f"user-{number}"))


def test_origin_killed_while_it_takes_events__each_event_is_counted_once(
    origin: KillableOrigin, tmp_path: Path
) -> None:
    queue = EventQueue(origin.send, spool=tmp_path / "spool", batch=50, flush_seconds=0.05)
    taken: list[int] = []
    for round_ in range(KILLS):
        first = round_ * EVENTS // KILLS
        half = first + EVENTS // KILLS // 2
        taken += [number for number in range(first, half) if put(queue, number)]
        origin.kill()
        taken += [number for number in range(half, first + EVENTS // KILLS) if put(queue, number)]
        queue.flush(SECONDS)
        origin.start()
    assert queue.flush(SECONDS)
    status = queue.status()
    assert queue.close(SECONDS)

    assert status.turned_away == 0
    assert {item["variant"]: (item["exposures"], item["units"]) for item in origin.counted()} == {
        "on": (sum(number % 3 > 0 for number in taken),) * 2,
        "off": (sum(number % 3 == 0 for number in taken),) * 2,
    }


def test_origin_away_until_the_process_has_ended__the_next_one_sends_it(origin: KillableOrigin, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    origin.kill()
    first = EventQueue(origin.send, spool=spool)
    assert all([put(first, number) for number in range(100)])
    assert first.put(Track(id=new_id(), name="purchase", unit="user-1", value=9.5))
    assert not first.close(SECONDS)
    origin.start()

    second = EventQueue(origin.send, spool=spool, flush_seconds=0.05)
    assert second.flush(SECONDS)
    assert second.close(SECONDS)

    assert sum(item["exposures"] for item in origin.counted()) == 100
    (purchases,) = origin.counted("tracked")
    assert (purchases["name"], purchases["events"], purchases["sum"]) == ("purchase", 1, 9.5)
    assert list(spool.rglob("*.events")) == []
