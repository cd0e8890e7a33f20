"""Waits: they grow, differ from provider to provider, and stay within their bounds."""

import pytest

from flaghoist.sdk.runtime.waiting import Patience
from flaghoist.sdk.snapshot.levels import Level


def patience(drawn: float) -> Patience:
    return Patience(1.0, 30.0, lambda: drawn)


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"), [(0, 0.5, 1.0), (1, 1.0, 2.0), (5, 15.0, 30.0), (99, 15.0, 30.0)]
)
def test_after_failure__attempt__is_half_sure_and_half_chance(attempt: int, shortest: float, longest: float) -> None:
    assert patience(0.0).after_failure(attempt) == shortest
    assert patience(1.0).after_failure(attempt) == longest


def test_after_failure__what_the_origin_asks_for__comes_first() -> None:
    assert patience(0.0).after_failure(0, 20.0) == 20.5


def test_around__interval__differs_by_a_tenth_at_most() -> None:
    assert (patience(0.0).around(30.0), patience(1.0).around(30.0)) == pytest.approx((27.0, 33.0))


def test_share_of__span__is_any_part_of_it() -> None:
    assert (patience(0.0).share_of(4.0), patience(0.25).share_of(4.0)) == (0.0, 1.0)


def test_levels__best_first__have_the_numbers_of_the_ladder() -> None:
    assert [level.standing for level in Level] == [0, 1, 3, 4]
