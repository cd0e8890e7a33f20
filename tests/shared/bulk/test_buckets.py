"""Buckets of many digests at once against those of one."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from flaghoist.bulk.buckets import Buckets, bound, numbers_of
from flaghoist.model.bucketing import BUCKETS

LARGEST = 2**64 - 1
EDGES = (0, 1, BUCKETS - 1, BUCKETS, 2**26 - 1, 2**26, 2**38 - 1, 2**38, LARGEST - LARGEST % BUCKETS, LARGEST)
near_edges = st.builds(
    lambda edge, way: min(max(edge + way, 0), LARGEST), st.sampled_from(EDGES), st.integers(-BUCKETS, BUCKETS)
)
numbers = st.one_of(st.integers(0, LARGEST), near_edges, st.integers(0, LARGEST // BUCKETS).map(BUCKETS.__mul__))
bounds = st.one_of(st.integers(0, BUCKETS), st.sampled_from((0, 1, BUCKETS - 1, BUCKETS)))


def digest(number: int) -> bytes:
    return number.to_bytes(8, "big") + b"\xff" * 24


@settings(max_examples=1_000)
@given(rows=st.lists(st.tuples(numbers, bounds, st.booleans()), min_size=1))
@example([(edge, at, is_below) for edge in EDGES for at in (0, 1, BUCKETS) for is_below in (False, True)])
def test_buckets__numbers_with_a_bound_each__are_selected_as_one_by_one(rows: list[tuple[int, int, bool]]) -> None:
    together = Buckets([bound(at, is_below=is_below) for _, at, is_below in rows])
    selected = together.select(b"".join([digest(number) for number, _, _ in rows]))
    assert [*map(bool, selected)] == [(number % BUCKETS < at) is is_below for number, at, is_below in rows]


@given(drawn=st.lists(numbers))
def test_numbers_of__digests__are_their_first_bytes(drawn: list[int]) -> None:
    assert [*numbers_of(b"".join(map(digest, drawn)))] == drawn
