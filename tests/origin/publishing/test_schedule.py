"""When a publish is due: at once when idle, not more often than the interval, later after failures."""

from flaghoist.backoff import Backoff
from flaghoist_origin.publishing.schedule import Schedule

INTERVAL_MS, HEARTBEAT_MS = 2_000, 30_000


def a_schedule(now_ms: int = 0) -> Schedule:
    backoff = Backoff(base_seconds=1.0, cap_seconds=4.0, draw=lambda: 1.0)
    return Schedule(interval_ms=INTERVAL_MS, heartbeat_ms=HEARTBEAT_MS, backoff=backoff, now_ms=now_ms)


def test_schedule__start__due_at_once() -> None:
    assert a_schedule(500).due_at_ms == 500


def test_schedule__success__due_at_the_heartbeat_after_confirmation() -> None:
    schedule = a_schedule()

    schedule.succeed(0, confirmed_at_ms=40)

    assert schedule.due_at_ms == 30_000


def test_schedule__confirmed_by_another_origin_before__due_a_heartbeat_after_that() -> None:
    schedule = a_schedule()

    schedule.succeed(20_000, confirmed_at_ms=9_000)

    assert schedule.due_at_ms == 39_000


def test_schedule__change_when_idle__due_now() -> None:
    schedule = a_schedule()
    schedule.succeed(0, 0)

    schedule.request(10_000)

    assert schedule.due_at_ms == 10_000


def test_schedule__changes_under_load__one_publish_per_interval() -> None:
    schedule = a_schedule()
    published_at = []
    for now_ms in range(0, 20_000, 100):
        schedule.request(now_ms)
        if schedule.due_at_ms <= now_ms:
            schedule.succeed(now_ms, now_ms)
            published_at.append(now_ms)

    assert published_at == list(range(0, 20_000, INTERVAL_MS))


def test_schedule__failures__wait_doubles_up_to_the_cap_whatever_changes() -> None:
    schedule = a_schedule()
    waits = []
    for _ in range(5):
        schedule.fail(1_000)
        schedule.request(1_000)
        waits.append(schedule.due_at_ms - 1_000)

    assert waits == [1_000, 2_000, 4_000, 4_000, 4_000]


def test_schedule__success_after_failures__next_failure_waits_shortly_again() -> None:
    schedule = a_schedule()
    schedule.fail(0)
    schedule.fail(0)
    schedule.succeed(10_000, 10_000)

    schedule.fail(20_000)

    assert schedule.due_at_ms == 21_000


def test_schedule__asked_to_wait__waits_that_and_the_jitter() -> None:
    schedule = a_schedule()

    schedule.fail(0, retry_after_seconds=7)

    assert schedule.due_at_ms == 8_000


def test_schedule__refused__stands_back_for_a_heartbeat() -> None:
    schedule = a_schedule()

    schedule.wait_for_operator(0)
    schedule.request(1)

    assert schedule.due_at_ms == HEARTBEAT_MS


def test_schedule__rival_at_work__due_again_soon_and_no_failure_counted() -> None:
    schedule = a_schedule()

    schedule.yield_turn(0, 1)
    schedule.yield_turn(0, 1)

    assert schedule.due_at_ms == 2_000
