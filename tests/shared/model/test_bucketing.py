"""Bucketing: golden values from elsewhere, uniform, independent between flags and groups, additive in its weights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.model.bucketing import BUCKETS, bucket
from tests.case_files import Case, load_vectors
from tests.in_worker.cases_worker import run_vectors
from tests.plain import bucketing as plain

UNITS = [f"user-{number}" for number in range(100_000)]
CELLS = 100

# Chi-square with 99 degrees of freedom exceeds 149.4 once in a thousand; the units are fixed, so nothing is flaky.
LARGEST_CHI_SQUARE = 149.4


@pytest.mark.parametrize("vector", load_vectors())
def test_bucket__golden_vector__agrees(vector: Case) -> None:
    [result] = run_vectors([vector])
    assert result["passed"], result
    drawn = plain.BUCKET_BY[vector.get("algorithm", "sha256")]
    assert drawn(vector["salt"], vector["flag"], vector["key"]) == vector["bucket"]


@given(salt=st.text(), key=st.text(), unit=st.text())
def test_bucket__any_text__agrees_with_the_plain_one(salt: str, key: str, unit: str) -> None:
    drawn = bucket(salt, key, unit)
    assert 0 <= drawn < BUCKETS
    assert drawn == plain.bucket(salt, key, unit)


@pytest.mark.parametrize(("salt", "key"), [("s1", "checkout"), ("", "checkout"), ("s1", "日本"), ("s2", "checkout")])
def test_bucket__100000_units__are_uniform(salt: str, key: str) -> None:
    counts = [0] * CELLS
    for unit in UNITS:
        counts[bucket(salt, key, unit) * CELLS // BUCKETS] += 1
    assert _chi_square(counts, len(UNITS) / CELLS) < LARGEST_CHI_SQUARE


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("s", "checkout"), ("s", "search")),
        (("s", "checkout"), ("t", "checkout")),
        (("s", "checkout"), ("s", "checkout-group")),
    ],
    ids=["two flags", "two salts", "a flag and a group"],
)
def test_bucket__two_draws__are_independent(left: tuple[str, str], right: tuple[str, str]) -> None:
    cells = [0] * CELLS
    for unit in UNITS:
        row, column = bucket(*left, unit) * 10 // BUCKETS, bucket(*right, unit) * 10 // BUCKETS
        cells[row * 10 + column] += 1
    assert _chi_square(cells, len(UNITS) / CELLS) < LARGEST_CHI_SQUARE


@pytest.mark.parametrize("share", [1, 1_000, 20_000, 50_000, 99_000])
def test_bucket__first_weight__gets_its_share(share: int) -> None:
    weights = [{"variation": "on", "weight": share}, {"variation": "off", "weight": BUCKETS - share}]
    got = sum(plain.owner(weights, bucket("s1", "checkout", unit)) == "on" for unit in UNITS)
    expected = len(UNITS) * share / BUCKETS
    deviation = (expected * (1 - share / BUCKETS)) ** 0.5
    assert abs(got - expected) <= 4 * deviation + 1


def _chi_square(counts: list[int], expected: float) -> float:
    return float(sum((count - expected) ** 2 / expected for count in counts))
