"""Read points in time, from RFC 3339 texts and epoch seconds, as nanoseconds since 1970-01-01T00:00:00Z."""

import math
import re
from datetime import date

NANOSECONDS = 1_000_000_000
DAY_SECONDS = 86_400
LEAP_SECOND = 60

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
_RFC_3339 = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})[Tt]"
    r"(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9]|60)(?:\.(?P<fraction>[0-9]+))?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<offset_hour>[01][0-9]|2[0-3]):(?P<offset_minute>[0-5][0-9]))"
)


def parse(value: object) -> int | None:
    """Return ``value`` as nanoseconds since the epoch, None if it is not a point in time.

    Takes an RFC 3339 text with offset, or epoch seconds as a number; booleans are not numbers. Fractions of a
    nanosecond are cut off towards the past, so the order of instants is preserved.
    """
    if isinstance(value, str):
        return _parse_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    numerator, denominator = value.as_integer_ratio()
    return numerator * NANOSECONDS // denominator


def _parse_text(text: str) -> int | None:
    found = _RFC_3339.fullmatch(text)
    if found is None:
        return None
    year, month, day, second = (int(found[name]) for name in ("year", "month", "day", "second"))
    days = _days_since_epoch(year, month, day)
    if days is None:
        return None
    of_day = int(found["hour"]) * 3600 + int(found["minute"]) * 60 + second
    seconds = days * DAY_SECONDS + of_day - _offset_seconds(found)
    if second == LEAP_SECOND and not _begins_month(seconds):
        return None
    return seconds * NANOSECONDS + int((found["fraction"] or "0")[:9].ljust(9, "0"))


def _days_since_epoch(year: int, month: int, day: int) -> int | None:
    """Return the day's number. ``date`` has no year 0; it is computed as the year 400, one Gregorian cycle later."""
    try:
        ordinal = date(year or _CYCLE_YEARS, month, day).toordinal()
    except ValueError:
        return None
    return ordinal - _EPOCH_DAY - (0 if year else _CYCLE_DAYS)


def _offset_seconds(found: re.Match[str]) -> int:
    if found["sign"] is None:
        return 0
    seconds = int(found["offset_hour"]) * 3600 + int(found["offset_minute"]) * 60
    return -seconds if found["sign"] == "-" else seconds


def _begins_month(seconds: int) -> bool:
    """Return whether a month begins at ``seconds``: a leap second is the last second before that, in UTC."""
    days, rest = divmod(seconds, DAY_SECONDS)
    ordinal = days + _EPOCH_DAY
    return rest == 0 and 1 <= ordinal <= date.max.toordinal() and date.fromordinal(ordinal).day == 1
