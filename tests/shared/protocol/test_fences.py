"""The freshness floor: what it accepts, and when a snapshot meets it."""

import pytest

from flaghoist.protocol.evaluation_requests import read_evaluation
from flaghoist.protocol.fences import Fence
from tests.published import NOW_MS, a_version
from tests.shared.answers.asking import BULK, a_request

HELD = a_version(7, epoch=2).manifest


def floor_of(query: str) -> Fence:
    floor = read_evaluation(a_request(BULK, query=query)).fence
    assert floor is not None
    return floor


def test_floor__no_parameter__asks_nothing() -> None:
    assert read_evaluation(a_request(BULK)).fence is None


@pytest.mark.parametrize(
    ("query", "is_met"),
    [
        ("min_version=7", True),
        ("min_version=8", False),
        ("min_version=2-7", True),
        ("min_version=2-8", False),
        ("min_version=3-1", False),
        ("min_version=1-99", True),
        ("flagConfigEtag=2-7", True),
        ("flagConfigEtag=%222-8%22", False),
        ("flagConfigEtag=W/%222-8%22", False),
        ("flagConfigEtag=of-another-system", True),
        ("flagConfigEtag=2-6&min_version=2-8", False),
        ("flagConfigEtag=2-8&min_version=2-6", False),
        (f"flagConfigLastModified={NOW_MS}", True),
        (f"flagConfigLastModified={NOW_MS + 1}", False),
        (f"flagConfigLastModified={NOW_MS // 1000}", True),
        (f"flagConfigLastModified={NOW_MS // 1000 + 1}", False),
        (f"flagConfigLastModified={NOW_MS // 1000}.001", False),
        ("flagConfigLastModified=2027-01-15T08:00:00Z", True),
        ("flagConfigLastModified=2027-01-15T08:00:01Z", False),
        ("flagConfigLastModified=2027-01-15T09:00:00%2B01:00", True),
    ],
)
def test_floor__manifest__is_at_or_past_it(query: str, is_met: bool) -> None:
    assert floor_of(query).is_met_by(HELD) is is_met


@pytest.mark.parametrize(
    ("query", "expects_other"),
    [
        ("flagConfigEtag=2-7", False),
        ("flagConfigEtag=2-6", True),
        ("flagConfigEtag=other", True),
        ("min_version=9", False),
    ],
)
def test_floor__config_etag__tells_whether_304_would_mislead(query: str, expects_other: bool) -> None:
    assert floor_of(query).expects_other(HELD) is expects_other


@pytest.mark.parametrize(
    ("query", "is_near"),
    [
        ("min_version=9", True),
        ("min_version=10", False),
        ("min_version=2-9", True),
        ("min_version=2-10", False),
        ("min_version=3-8", False),
    ],
)
def test_floor__a_few_versions_ahead__is_near(query: str, is_near: bool) -> None:
    assert floor_of(query).is_within(HELD, 2) is is_near
