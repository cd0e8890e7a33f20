"""Read Retry-After: the wait that a server asks for, as seconds or as a date (RFC 9110, section 10.2.3)."""

from collections.abc import Mapping

from flaghoist.text.http_dates import http_date

LONGEST_SECONDS = 86_400
"""Longer waits are cut to a day."""


def retry_after_seconds(headers: Mapping[str, str]) -> int:
    """Return the seconds to wait according to response headers with lower-case names, 0 if there is no such header.

    A date is compared with the answer's own ``Date``, so the two clocks need not agree.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return int(min(float(text), LONGEST_SECONDS))
    until, sent = http_date(text), http_date(headers.get("date", ""))
    if until is None or sent is None:
        return 0
    return int(min(max(0.0, (until - sent).total_seconds()), LONGEST_SECONDS))
