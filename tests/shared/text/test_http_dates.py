"""Dates of HTTP headers: the three forms that are allowed, and texts that are none."""

from datetime import UTC, datetime

import pytest

from flaghoist.text.http_dates import http_date

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_http_date__each_form__is_the_moment_in_utc(text: str) -> None:
    assert http_date(text) == MOMENT


@pytest.mark.parametrize("text", ["", "soon", "Sun, 99 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"])
def test_http_date__anything_else__is_none(text: str) -> None:
    assert http_date(text) is None
