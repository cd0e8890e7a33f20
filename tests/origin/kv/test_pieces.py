"""The pieces of the KV client: pace per key, batches within limits."""

from flaghoist_origin.kv.batches import batches
from flaghoist_origin.kv.pacing import KeyPacer
from tests.origin.virtual_time import VirtualTime


def test_pacer__first_write__free() -> None:
    assert KeyPacer(VirtualTime().monotonic).book(["a"]) == 0


def test_pacer__booked_three_times__slots_one_second_apart() -> None:
    pacer = KeyPacer(VirtualTime().monotonic)

    assert [pacer.book(["a"]) for _ in range(3)] == [0, 1, 2]


def test_pacer__several_keys__wait_for_the_busiest() -> None:
    pacer = KeyPacer(VirtualTime().monotonic)
    pacer.book(["a"])

    assert pacer.book(["a", "b"]) == 1
    assert pacer.book(["b"]) == 2


def test_pacer__after_the_interval__free_again() -> None:
    time = VirtualTime()
    pacer = KeyPacer(time.monotonic)
    pacer.book(["a"])
    time.now += 1

    assert pacer.book(["a"]) == 0


def test_batches__nothing__no_request() -> None:
    assert list(batches({})) == []


def test_batches__many_pairs__at_most_so_many_each() -> None:
    sizes = [len(batch) for batch in batches({str(number): b"" for number in range(7)}, most_pairs=3)]

    assert sizes == [3, 3, 1]


def test_batches__bytes__counted_as_they_travel() -> None:
    found = list(batches({"a": b"xxx", "b": b"xxx", "c": b"x"}, most_bytes=8))

    assert found == [{"a": b"xxx", "b": b"xxx"}, {"c": b"x"}]


def test_batches__value_larger_than_a_batch__goes_alone() -> None:
    found = [list(batch) for batch in batches({"a": b"x", "b": bytes(100), "c": b"x"}, most_bytes=8)]

    assert found == [["a"], ["b"], ["c"]]
