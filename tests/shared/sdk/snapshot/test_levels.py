"""Levels of the provider: the numbers by which every answer of Flaghoist names them."""

from flaghoist.sdk.snapshot.levels import Level


def test_levels__best_first__have_the_numbers_of_all_answers() -> None:
    assert [level.freshness_level for level in Level] == [0, 1, 3, 4]
