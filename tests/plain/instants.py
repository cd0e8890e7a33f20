"""Instants as exact seconds since 1970: from RFC 3339 with an offset, or from a number of seconds."""

import re
from calendar import isleap
from decimal import Decimal
from fractions import Fraction

MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
FEBRUARY = 2
LAST_HOUR, LAST_MINUTE, LEAP_SECOND = 23, 59, 60
DAY = 86400

_RFC_3339 = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})[Tt]"
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<offset_hour>[0-9]{2}):(?P<offset_minute>[0-9]{2}))"
)


def parse(value: object) -> Fraction | None:
    """Return seconds since the epoch, or None for what is no instant."""
    if isinstance(value, str):
        return _parse_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Fraction(value)
    return None


def _parse_text(text: str) -> Fraction | None:
    found = _RFC_3339.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"])
    offset_hour, offset_minute = int(found["offset_hour"] or 0), int(found["offset_minute"] or 0)
    if not (1 <= month <= len(MONTH_DAYS) and 1 <= day <= _days_in(year, month)):
        return None
    if max(hour, offset_hour) > LAST_HOUR or max(minute, offset_minute) > LAST_MINUTE or second > LEAP_SECOND:
        return None
    offset = (offset_hour * 60 + offset_minute) * 60 * (-1 if found["sign"] == "-" else 1)
    seconds = _days_before(year, month, day) * DAY + (hour * 60 + minute) * 60 + second - offset
    if second == LEAP_SECOND and not _begins_a_month(seconds):
        return None
    since_1970 = seconds - _days_before(1970, 1, 1) * DAY
    return since_1970 + Fraction(Decimal("0." + (found["fraction"] or "0")))


def _days_in(year: int, month: int) -> int:
    return MONTH_DAYS[month - 1] + (month == FEBRUARY and isleap(year))


def _days_before(year: int, month: int, day: int) -> int:
    """Count the days from the first of January of the year 0."""
    years = 365 * year + (year + 3) // 4 - (year + 99) // 100 + (year + 399) // 400
    return years + sum(_days_in(year, earlier) for earlier in range(1, month)) + day - 1


def _begins_a_month(seconds: int) -> bool:
    """Say whether a month begins there in UTC: leap seconds come at the end of a month and nowhere else."""
    days, rest = divmod(seconds, DAY)
    year = days * 400 // 146097
    near = [(y, month) for y in (year - 1, year, year + 1) if y >= 0 for month in range(1, 13)]
    return rest == 0 and any(_days_before(y, month, 1) == days for y, month in near)
