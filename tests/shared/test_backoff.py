"""Waits: they double, are partly random, and stay within their bounds."""

import pytest

from flaghoist.backoff import Backoff, spread


@pytest.mark.parametrize(("attempt", "expected"), [(0, 1.0), (1, 2.0), (2, 4.0), (3, 5.0), (10_000, 5.0)])
def test_backoff__attempt__doubles_up_to_the_cap(attempt: int, expected: float) -> None:
    assert Backoff(base_seconds=2.0, cap_seconds=10.0, draw=lambda: 0.5).delay_seconds(attempt) == expected


def test_backoff__lucky_draw__does_not_wait_less_than_asked() -> None:
    assert Backoff(base_seconds=2.0, cap_seconds=10.0, draw=lambda: 0.0).delay_seconds(3, 7.0) == 7.0


def equal_jitter(drawn: float) -> Backoff:
    return Backoff(1.0, 30.0, lambda: drawn, least_share=0.5)


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"), [(0, 0.5, 1.0), (1, 1.0, 2.0), (5, 15.0, 30.0), (99, 15.0, 30.0)]
)
def test_backoff__equal_jitter__always_waits_half_of_the_span(attempt: int, shortest: float, longest: float) -> None:
    assert equal_jitter(0.0).delay_seconds(attempt) == shortest
    assert equal_jitter(1.0).delay_seconds(attempt) == longest


def test_backoff__what_the_other_side_asks_for__is_added_to_the_wait() -> None:
    assert equal_jitter(0.0).delay_seconds(0, 20.0) == 20.5


def test_spread__interval__differs_by_half_of_the_width_at_most() -> None:
    assert (spread(30.0, 0.2, 0.0), spread(30.0, 0.2, 1.0)) == pytest.approx((27.0, 33.0))
