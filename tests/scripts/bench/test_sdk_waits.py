"""The measurement of waits follows all changes that it makes."""

from bench.process.sdk_waits import measure


def test_measure__few_changes__evaluates_until_the_last_is_applied() -> None:
    found = measure(20, 3)
    assert (found.flags, found.changes) == (20, 3)
    assert found.evaluations > 0
    assert 0 < found.p50_us <= found.p99_us <= found.longest_ms * 1_000
    assert 0 <= found.longest_wait_ms <= found.longest_ms
