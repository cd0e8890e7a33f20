"""Folding: the first exposure passes, the others are counted, and no use is lost on the way."""

from threading import Thread

import msgspec

from flaghoist.limits import EVENT_COUNT
from flaghoist.protocol.events import Exposure
from flaghoist.sdk.events.folding import Folds
from tests.shared.sdk.events.an_origin_of_events import Time, an_exposure

ADA = an_exposure(1, "ada")
NOW_MS = 1_800_000_000_000


def counts(swept: list[Exposure]) -> list[int]:
    return [exposure.count for exposure in swept]


def test_repeat__within_the_window__counted_when_it_has_ended() -> None:
    time = Time()
    folds = Folds(60, 10, time)

    assert [folds.is_repeat(ADA) for _ in range(4)] == [False, True, True, True]
    time.now += 59
    assert folds.sweep(NOW_MS) == []
    time.now += 1
    (repeated,) = folds.sweep(NOW_MS)

    assert repeated == msgspec.structs.replace(ADA, id=repeated.id, at=NOW_MS, count=3)
    assert repeated.id != ADA.id
    time.now += 1
    assert folds.sweep(NOW_MS) == []


def test_repeat__of_a_thread_that_is_slow__told_later() -> None:
    time = Time()
    folds = Folds(60, 10, time)
    folds.is_repeat(ADA)
    (found_open,) = folds._open.values()
    time.now += 60
    assert folds.sweep(NOW_MS) == []
    found_open.repeats.increment()
    assert folds.sweep(NOW_MS) == [], "it has looked just now"

    time.now += 1
    assert counts(folds.sweep(NOW_MS)) == [1]
    time.now += 1
    assert folds.sweep(NOW_MS) == []


def test_repeat__after_the_window__passes_again() -> None:
    time = Time()
    folds = Folds(60, 10, time)
    folds.is_repeat(ADA)
    time.now += 60
    folds.sweep(NOW_MS)

    assert not folds.is_repeat(ADA)
    assert folds.sweep(NOW_MS) == [], "nothing came again"


def test_repeat__another_unit_variant_or_version__passes() -> None:
    folds = Folds(60, 10, Time())
    others = [
        ADA,
        msgspec.structs.replace(ADA, unit="bob"),
        msgspec.structs.replace(ADA, variant="off"),
        msgspec.structs.replace(ADA, version="1-2"),
        msgspec.structs.replace(ADA, flag="search"),
    ]

    assert [folds.is_repeat(each) for each in others] == [False] * 5


def test_folds__full__let_others_pass_and_go_on_counting() -> None:
    folds = Folds(60, 1, Time())
    other = an_exposure(2)
    folds.is_repeat(ADA)

    assert [folds.is_repeat(other), folds.is_repeat(other), folds.is_repeat(ADA)] == [False, False, True]


def test_sweep__last__tells_everything_at_once() -> None:
    folds = Folds(60, 10, Time())
    for _ in range(3):
        folds.is_repeat(ADA)

    assert counts(folds.sweep(NOW_MS, is_last=True)) == [2]
    assert folds.sweep(NOW_MS, is_last=True) == []


def test_sweep__more_than_one_event_may_stand_for__several() -> None:
    folds = Folds(60, 10, Time())
    folds.is_repeat(ADA)
    for _ in range(EVENT_COUNT.value + 5):
        folds.count_repeat((ADA.flag, ADA.variant, ADA.version, ADA.unit))

    assert counts(folds.sweep(NOW_MS, is_last=True)) == [EVENT_COUNT.value, 5]


def test_folds__threads_while_it_sweeps__every_use_is_counted() -> None:
    time = Time()
    folds = Folds(0.0005, 100, time)
    passed: list[int] = []

    def expose() -> None:
        passed.append(sum(not folds.is_repeat(an_exposure(number % 7)) for number in range(20_000)))

    threads = [Thread(target=expose) for _ in range(4)]
    for thread in threads:
        thread.start()
    counted = 0
    while any(thread.is_alive() for thread in threads):
        time.now += 0.001
        counted += sum(counts(folds.sweep(NOW_MS)))
    counted += sum(counts(folds.sweep(NOW_MS, is_last=True)))

    assert sum(passed) + counted == 80_000
