"""Delivery turn by turn, on a clock that is told what time it is: batches, pauses, the disk first, nothing lost."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flaghoist.protocol.events import Track
from flaghoist.sdk.events import BatchResponse
from flaghoist.sdk.events.answers import BatchAction, interpret_response
from flaghoist.sdk.events.delivery import DeliveryOptions, EventDelivery
from flaghoist.sdk.events.spool import Spool
from tests.shared.sdk.events.an_origin_of_events import AnOrigin, Time, encoded, numbers

RULES = DeliveryOptions(batch=4, flush_seconds=5.0)
PLENTY = 10_000_000


def a_delivery(
    origin: AnOrigin, time: Time, spool: Path | None = None, draw: float = 1.0, spool_bytes: int = PLENTY
) -> EventDelivery:
    disk = Spool(spool, spool_bytes) if spool else None
    return EventDelivery(origin.send, disk, monotonic=time, rules=RULES, draw=lambda: draw)


@pytest.fixture
def origin() -> AnOrigin:
    """Return an origin that takes everything."""
    return AnOrigin()


@pytest.fixture
def time() -> Time:
    """Return a clock that stands."""
    return Time()


def work_off(delivery: EventDelivery) -> float:
    """Give turns until nothing is due; return when the next one will be."""
    while (wait := delivery.work()) == 0:
        pass
    return wait


def test_work__few_events__wait_for_others_and_then_go(origin: AnOrigin, time: Time) -> None:
    delivery = a_delivery(origin, time)
    delivery.add_lines(encoded(1))
    time.now += 2
    delivery.add_lines(encoded(2))

    assert delivery.work() == 3.0
    assert origin.asked == []
    time.now += 3
    assert work_off(delivery) == 5.0
    assert (origin.asked, numbers(origin), delivery.acknowledged) == ([2], [1, 2], 2)


def test_work__full_batch__goes_at_once_and_no_larger(origin: AnOrigin, time: Time) -> None:
    delivery = a_delivery(origin, time)
    delivery.add_lines(encoded(*range(9)))
    work_off(delivery)

    assert origin.asked == [4, 4]
    assert delivery.waiting == 1


@pytest.mark.parametrize("mode", ["away", 500, 503, 429, 401, 403, 404, 302])
def test_work__not_taken__kept_and_sent_again_after_a_pause(origin: AnOrigin, time: Time, mode: str | int) -> None:
    origin.mode = mode
    delivery = a_delivery(origin, time)
    delivery.add_lines(encoded(*range(4)))

    assert work_off(delivery) == 1.0
    assert delivery.fault == (
        "no origin answers" if mode == "away" else f"the origin answers events with status {mode}"
    )
    origin.mode = "ok"
    time.now += 1
    work_off(delivery)
    assert (numbers(origin), delivery.fault, delivery.waiting) == ([0, 1, 2, 3], "", 0)


def test_pauses__grow_to_a_minute_and_start_over(origin: AnOrigin, time: Time) -> None:
    origin.mode = "away"
    delivery = a_delivery(origin, time)
    delivery.add_lines(encoded(*range(4)))
    pauses = []
    for _ in range(9):
        pauses.append(work_off(delivery))
        time.now += pauses[-1]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]

    origin.mode = "ok"
    work_off(delivery)
    origin.mode = "away"
    delivery.add_lines(encoded(*range(4)))
    assert work_off(delivery) == 1.0


@pytest.mark.parametrize(("draw", "pause"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_pause__is_jittered(origin: AnOrigin, time: Time, draw: float, pause: float) -> None:
    origin.mode = "away"
    delivery = a_delivery(origin, time, draw=draw)
    delivery.add_lines(encoded(*range(4)))

    assert work_off(delivery) == pause


def test_pause__asked_for__comes_before_our_own(origin: AnOrigin, time: Time) -> None:
    origin.mode, origin.retry_after_seconds = 429, 30.0
    delivery = a_delivery(origin, time)
    delivery.add_lines(encoded(*range(4)))

    assert work_off(delivery) == 31.0


def test_origin_away__spool__holds_what_memory_held(origin: AnOrigin, time: Time, tmp_path: Path) -> None:
    origin.mode = "away"
    delivery = a_delivery(origin, time, tmp_path)
    delivery.add_lines(encoded(*range(4)))
    work_off(delivery)
    assert (delivery.waiting, delivery.bytes) == (0, 0)
    delivery.add_lines(encoded(4, 5))
    work_off(delivery)
    assert delivery.waiting == 0, "on disk at once, not after the pause"

    origin.mode = "ok"
    time.now += 1
    delivery.add_lines(encoded(6))
    time.now += 5
    work_off(delivery)
    assert numbers(origin) == list(range(7))
    assert delivery.is_empty


def test_answer_lost__sent_again__counted_as_duplicates(origin: AnOrigin, time: Time, tmp_path: Path) -> None:
    origin.mode = "forgets"
    delivery = a_delivery(origin, time, tmp_path)
    delivery.add_lines(encoded(*range(4)))
    work_off(delivery)
    origin.mode = "ok"
    time.now += 1
    work_off(delivery)

    assert (delivery.acknowledged, delivery.duplicates, numbers(origin)) == (4, 4, [0, 1, 2, 3])


def test_new_process__finds_the_spool__and_sends_it(origin: AnOrigin, time: Time, tmp_path: Path) -> None:
    origin.mode = "away"
    first = a_delivery(origin, time, tmp_path)
    first.add_lines(encoded(*range(10)))
    work_off(first)
    assert first.spool is not None
    first.spool.close()

    origin.mode = "ok"
    second = a_delivery(origin, time, tmp_path)
    assert second.spool is not None
    second.spool.adopt()
    work_off(second)
    assert numbers(origin) == list(range(10))
    assert second.is_empty


def test_body_refused__narrowed_down_to_the_event__the_others_arrive(origin: AnOrigin, time: Time) -> None:
    """An origin, or what stands before it, that chokes on one event must not stop the others for ever."""
    poison = encoded(2)[0]

    def choke(body: bytes) -> BatchResponse:
        return BatchResponse(400) if poison in body else origin.send(body)

    delivery = EventDelivery(choke, None, monotonic=time, rules=RULES)
    delivery.add_lines(encoded(*range(6)))
    assert delivery.send_all(time.now + 1)

    assert (numbers(origin), delivery.given_up) == ([0, 1, 3, 4, 5], 1)


def test_too_large_for_a_proxy__sent_in_smaller_pieces(origin: AnOrigin, time: Time) -> None:
    def narrow(body: bytes) -> BatchResponse:
        return BatchResponse(413) if body.count(b'"id"') > 1 else origin.send(body)

    delivery = EventDelivery(narrow, None, monotonic=time, rules=RULES)
    delivery.add_lines(encoded(*range(3)))

    assert delivery.send_all(time.now + 1)
    assert (numbers(origin), delivery.given_up) == ([0, 1, 2], 0)


def test_event_refused_by_itself__not_sent_again(origin: AnOrigin, time: Time) -> None:
    delivery = a_delivery(origin, time)
    delivery.add_lines([*encoded(1), msgspec.json.encode(Track(id="", name="x")), *encoded(2)])

    assert delivery.send_all(time.now + 1)
    assert (numbers(origin), delivery.refused, delivery.acknowledged) == ([1, 2], 1, 2)


def test_sender_that_raises__counts_as_nobody(time: Time, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: bytes) -> BatchResponse:
        raise ZeroDivisionError

    delivery = EventDelivery(broken, None, monotonic=time, rules=RULES)
    delivery.add_lines(encoded(*range(4)))
    delivery.work()

    assert (delivery.waiting, delivery.fault) == (4, "no origin answers")
    assert "the sender failed" in caplog.text


def test_send_all__at_its_time__ends(origin: AnOrigin, time: Time) -> None:
    delivery = a_delivery(origin, time)
    delivery.add_lines(encoded(*range(9)))

    assert not delivery.send_all(time.now)
    assert origin.asked == []


def refusing(count: int) -> bytes:
    return b'{"accepted":1,"duplicates":1,"refused":[%b]}' % b",".join([b'{"index":0,"detail":""}'] * count)


@pytest.mark.parametrize(
    ("answer", "action"),
    [
        (BatchResponse(202, refusing(1)), BatchAction.ACCEPTED),
        (BatchResponse(200, refusing(1)), BatchAction.ACCEPTED),
        (BatchResponse(202, refusing(0)), BatchAction.RETRY),
        (BatchResponse(202, b""), BatchAction.RETRY),
        (BatchResponse(200, b"<html>Sign in to the airport's network</html>"), BatchAction.RETRY),
        (BatchResponse(204), BatchAction.RETRY),
        (BatchResponse(0), BatchAction.RETRY),
        (BatchResponse(400, refusing(1)), BatchAction.SPLIT),
        (BatchResponse(500, refusing(1)), BatchAction.RETRY),
    ],
)
def test_interpret_response__only_an_origin_that_accounts_for_all__has_taken_them(
    answer: BatchResponse, action: BatchAction
) -> None:
    assert interpret_response(answer, 3).action is action


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"noise\n")])
def test_segment_lost_or_spoilt__the_rest_goes_on(
    origin: AnOrigin, time: Time, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    origin.mode = "away"
    delivery = a_delivery(origin, time, tmp_path)
    delivery.add_lines(encoded(*range(4)))
    work_off(delivery)
    spoil(next(tmp_path.glob("*/*.events")))
    origin.mode = "ok"
    delivery.add_lines(encoded(4))
    time.now += 10
    work_off(delivery)

    assert numbers(origin) == [4]
    assert delivery.is_empty


class Life:
    """A delivery through a drawn life, and the events that were lost with a killed process."""

    def __init__(self, spool: Path, spool_bytes: int) -> None:
        self.origin, self.time, self.lost = AnOrigin(), Time(), set[str]()
        self.added = 0
        self._spool, self._spool_bytes = spool, spool_bytes
        self.delivery = self._begin()

    def happen(self, step: str | int) -> None:
        """Let it happen: a number passes seconds and gives turns, a word changes the origin or ends the process."""
        if isinstance(step, int):
            self.delivery.add_lines(encoded(*range(self.added, self.added + step % 7)))
            self.added += step % 7
            self.time.now += step
            work_off(self.delivery)
        elif step == "ends":
            self._end(is_killed=False)
        elif step == "is killed":
            self._end(is_killed=True)
        else:
            self.origin.mode = int(step) if step.isdecimal() else step

    def settle(self) -> None:
        """Let the origin be there, and everything arrive."""
        self.origin.mode = "ok"
        assert self.delivery.send_all(float("inf"))

    def _begin(self) -> EventDelivery:
        made = a_delivery(self.origin, self.time, self._spool, spool_bytes=self._spool_bytes)
        assert made.spool is not None
        made.spool.adopt()
        return made

    def _end(self, *, is_killed: bool) -> None:
        assert self.delivery.spool is not None
        if not is_killed:
            self.delivery.save()
        # An end finds no room for what is past the spool's limit.
        self.lost |= {msgspec.json.decode(line)["id"] for line in self.delivery._pending}
        if is_killed:
            self.delivery.spool.disown()
        else:
            self.delivery.spool.close()
        self.delivery = self._begin()


STEPS = st.integers(1, 70) | st.sampled_from(("ok", "away", "forgets", "503", "401", "429", "ends", "is killed"))


@settings(max_examples=80)
@given(st.lists(STEPS, max_size=25), st.sampled_from((400, PLENTY)))
def test_life__whatever_happens__every_event_arrives_but_what_an_end_found_in_memory(
    steps: list[str | int], spool_bytes: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), spool_bytes)
        for step in steps:
            life.happen(step)
        life.settle()

        wanted = {f"e-{number}" for number in range(life.added)}
        assert wanted - life.lost <= set(life.origin.stored) <= wanted
        assert life.delivery.is_empty
        assert list(Path(folder).rglob("*.events")) == []
