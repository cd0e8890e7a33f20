"""Instants: RFC 3339 and epoch seconds, to the nanosecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.text import instants


@pytest.mark.parametrize(
    ("value", "nanoseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:30:00-00:30", 0),
        ("1970-01-01T00:00:00.5Z", 500_000_000),
        ("1970-01-01T00:00:00.1234567899Z", 123_456_789),
        ("1969-12-31T23:59:59.5Z", -500_000_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
        ("2016-12-31T15:59:60-08:00", 1_483_228_800_000_000_000),
        ("2000-02-29T00:00:00Z", 951_782_400_000_000_000),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000_000_000),
        ("9999-12-31T23:59:59Z", 253_402_300_799_000_000_000),
        (0, 0),
        (1, 1_000_000_000),
        (1.5, 1_500_000_000),
        (-0.25, -250_000_000),
        (2**53 - 1, (2**53 - 1) * 1_000_000_000),
    ],
)
def test_parse__instant__in_nanoseconds(value: object, nanoseconds: int) -> None:
    assert instants.parse(value) == nanoseconds


@pytest.mark.parametrize(
    "value",
    [
        *("", "2020-01-01", "2020-01-01T00:00:00", "2020-01-01 00:00:00Z", "2020-01-01T00:00Z", "20200101T000000Z"),
        *("2020-13-01T00:00:00Z", "2020-02-30T00:00:00Z", "2021-02-29T00:00:00Z", "2020-00-01T00:00:00Z"),
        *("2020-01-01T24:00:00Z", "2020-01-01T00:60:00Z", "2020-01-01T00:00:61Z", "2020-01-01T00:00:00.Z"),
        *("2020-01-01T00:00:00+0100", "2020-01-01T00:00:00+24:00", "2020-01-01T00:00:00+01:60"),
        *("2020-01-15T23:59:60Z", "2016-12-31T22:59:60Z", "2020-01-01T00:00:00Z\n", "202\uff10-01-01T00:00:00Z"),
        *("1577836800", True, False, None, [], {}, float("inf"), float("nan")),
    ],
)
def test_parse__no_instant__is_none(value: object) -> None:
    assert instants.parse(value) is None


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-1439, 1439))
def test_parse__written_with_any_offset__is_the_same_instant(moment: datetime, offset_minutes: int) -> None:
    try:
        elsewhere = moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
    except OverflowError:
        return
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert instants.parse(elsewhere.isoformat()) == microseconds * 1000


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_parse__numbers__keep_their_order(left: float, right: float) -> None:
    first, second = instants.parse(min(left, right)), instants.parse(max(left, right))
    assert first is not None
    assert second is not None
    assert first <= second
