"""Dates as HTTP headers write them (RFC 9110, section 5.6.7)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date(text: str) -> datetime | None:
    """Return the moment, in UTC unless the text says otherwise, of a header such as ``Date``; None for any other text.

    The obsolete forms that HTTP still allows name no time zone, and mean UTC.
    """
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
