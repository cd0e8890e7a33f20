"""Algorithm ``mix``: agreed upon with another language, uniform, and independent where constants are alike.

Units and constants are fixed, so nothing is flaky. Chi-square with f degrees of freedom is compared through its
distance from f in standard deviations, which lies beyond 6 about once in ten million tables.
"""

import json
import subprocess
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.bulk.mixed import threshold
from flaghoist.model.bucketing import (
    BUCKETS,
    Factors,
    bucket,
    draw_prefix,
    factors_of,
    mix,
    mixed_bucket,
    mixed_draw,
    words_of,
)
from flaghoist_cli.build.node import node
from tests.case_files import VECTORS
from tests.plain import bucketing as plain

UNITS = [str(number) for number in range(1, 20_001)]
WORDS = [words_of(unit) for unit in UNITS]
CELLS = 8
FARTHEST = 6.0


def test_mix__golden_vectors__agree_with_javascript() -> None:
    path = VECTORS / "mix.json"
    restated = subprocess.run(
        [str(node()), str(VECTORS / "mix.mjs")], input=path.read_bytes(), capture_output=True, check=True
    )
    assert json.loads(restated.stdout) == [case["bucket"] for case in json.loads(path.read_bytes())["cases"]]


@given(salt=st.text(), key=st.text(), unit=st.text())
def test_mixed_bucket__any_text__agrees_with_the_plain_one(salt: str, key: str, unit: str) -> None:
    drawn = mixed_bucket(salt, key, unit)
    assert 0 <= drawn < BUCKETS
    assert drawn == plain.mixed_bucket(salt, key, unit)


def test_threshold__every_bound__is_where_its_bucket_begins() -> None:
    for bound in range(1, BUCKETS):
        begins = threshold(bound)
        assert (begins - 1) * BUCKETS >> 32 == bound - 1
        assert begins * BUCKETS >> 32 == bound
    assert (threshold(0), threshold(BUCKETS)) == (0, 1 << 32)


@pytest.mark.parametrize("key", ["checkout", "flag-1", "flag-2", "日本"])
def test_mix__units_in_a_row__are_uniform(key: str) -> None:
    counts = [0] * 1_000
    for number in column(factors_of(draw_prefix("s1", key)), 1_000):
        counts[number] += 1
    assert abs(distance(counts)) < FARTHEST


def test_mix__keys_in_a_row_and_one_salt__are_independent() -> None:
    columns = [column(factors_of(draw_prefix("s1", f"flag-{number:05}"))) for number in range(100)]
    distances = [distance(table(left, right)) for left, right in pairwise(columns)]
    assert max(distances) < FARTHEST
    assert abs(sum(distances) / len(distances)) < 0.5


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("bit", range(1, 32))
def test_mix__factors_that_differ_in_one_bit__are_independent(which: int, bit: int) -> None:
    factors = factors_of(draw_prefix("s1", "checkout"))
    other = tuple(factor ^ (1 << bit if place == which else 0) for place, factor in enumerate(factors))
    assert distance(table(column(factors), column((other[0], other[1])))) < FARTHEST


@pytest.mark.parametrize("multiple", [3, 5, 7, (1 << 32) - 1, (1 << 31) + 1, pow(3, -1, 1 << 32)], ids=hex)
def test_mix__factors_that_are_a_multiple__are_independent(multiple: int) -> None:
    first, second = factors_of(draw_prefix("s1", "checkout"))
    other = (first * multiple % (1 << 32), second * multiple % (1 << 32))
    assert distance(table(column((first, second)), column(other))) < FARTHEST


def test_mix__three_flags_at_once__are_independent() -> None:
    columns = [column(factors_of(draw_prefix("s1", key))) for key in ("checkout", "search", "profile")]
    counts = [0] * CELLS**3
    for one, two, three in zip(*columns, strict=True):
        counts[(one * CELLS + two) * CELLS + three] += 1
    assert abs(distance(counts)) < FARTHEST


@pytest.mark.parametrize("key", ["checkout", "search"])
def test_mix__and_sha256__are_independent(key: str) -> None:
    hashed = [bucket("s1", "checkout", unit) * CELLS // BUCKETS for unit in UNITS]
    assert distance(table(hashed, column(factors_of(draw_prefix("s1", key))))) < FARTHEST


def test_mix__flags_that_one_unit_is_in__vary_as_independent_draws_do() -> None:
    flags, share = 200, 10_000
    drawn = [factors_of(draw_prefix("s1", f"flag-{number}")) for number in range(flags)]
    counts = [sum(mixed_draw(factors, words) < share for factors in drawn) for words in WORDS[:2_000]]
    mean = sum(counts) / len(counts)
    variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)
    assert mean == pytest.approx(flags * share / BUCKETS, rel=0.02)
    assert variance == pytest.approx(flags * 0.1 * 0.9, rel=0.15)


def column(factors: Factors, cells: int = CELLS) -> list[int]:
    """Return the cell of every unit in the draw of these factors."""
    return [mix(factors, words) * cells >> 32 for words in WORDS]


def table(left: Iterable[int], right: Iterable[int]) -> list[int]:
    """Return how many units are in each pair of cells."""
    counts = [0] * CELLS**2
    for row, place in zip(left, right, strict=True):
        counts[row * CELLS + place] += 1
    return counts


def distance(counts: Sequence[int]) -> float:
    """Return how far chi-square is above what even counts give, in standard deviations."""
    expected, freedom = sum(counts) / len(counts), len(counts) - 1
    chi_square = sum((count - expected) ** 2 for count in counts) / expected
    return float((chi_square - freedom) / (2 * freedom) ** 0.5)
