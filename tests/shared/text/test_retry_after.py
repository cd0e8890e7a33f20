"""Retry-After in both of its forms, and in none."""

import httpx
import pytest

from flaghoist.text.retry_after import retry_after_seconds

SENT = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7), (" 7 ", 7), ("0", 0), ("86401", 86_400), ("9" * 5_000, 86_400)],
)
def test_seconds__are_taken_up_to_a_day(text: str, seconds: int) -> None:
    assert retry_after_seconds({"retry-after": text}) == seconds


@pytest.mark.parametrize(
    ("until", "seconds"),
    [
        ("Sun, 06 Nov 1994 08:51:37 GMT", 120),
        ("Sunday, 06-Nov-94 08:49:40 GMT", 3),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 86_400),
    ],
)
def test_date__counts_from_the_date_of_the_answer(until: str, seconds: int) -> None:
    assert retry_after_seconds({"retry-after": until, "date": SENT}) == seconds


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"retry-after": ""},
        {"retry-after": "soon", "date": SENT},
        {"retry-after": "-1", "date": SENT},
        {"retry-after": "1.5", "date": SENT},
        {"retry-after": "٣", "date": SENT},
        {"retry-after": SENT},
        {"retry-after": "Sun, 06 Nov 1994 08:49:37 -0000", "date": SENT},
        {"retry-after": "Sun, 99 Nov 1994 08:49:37 GMT", "date": SENT},
    ],
)
def test_nothing_readable__asks_for_no_wait(headers: dict[str, str]) -> None:
    assert retry_after_seconds(headers) == 0


def test_headers_of_httpx__are_read_whatever_their_case() -> None:
    assert retry_after_seconds(httpx.Headers({"Retry-After": "5"})) == 5
