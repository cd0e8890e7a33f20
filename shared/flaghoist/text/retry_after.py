"""How long a server asks its callers to wait: Retry-After, as seconds or as a date (RFC 9110, section 10.2.3)."""

from collections.abc import Mapping

from flaghoist.text.http_dates import http_date

LONGEST_SECONDS = 86_400
"""What is asked beyond a day is taken for a day."""


def retry_after_seconds(headers: Mapping[str, str]) -> int:
    """Return the seconds to wait that response headers with lower-case names ask for, 0 where they ask for none.

    A date counts from the answer's own ``Date``, so that the two clocks need not agree.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return int(min(float(text), LONGEST_SECONDS))
    until, sent = http_date(text), http_date(headers.get("date", ""))
    if until is None or sent is None:
        return 0
    return int(min(max(0.0, (until - sent).total_seconds()), LONGEST_SECONDS))
