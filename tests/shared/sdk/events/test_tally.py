"""Counting without a lock: nothing is lost, and looking changes nothing."""

from threading import Thread

from flaghoist.sdk.events.tally import Tally


def test_tally__many_threads__counts_each() -> None:
    tally = Tally()

    def add_many() -> None:
        for _ in range(10_000):
            tally.increment()

    threads = [Thread(target=add_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [tally.total(), tally.total()] == [40_000, 40_000]
    tally.increment()
    assert tally.total() == 40_001
