"""Log lines: one JSON object each, with the request's id; outages told once."""

import logging

import msgspec
import pytest

from flaghoist.errors import Unavailable
from flaghoist_origin.observability import request_ids
from flaghoist_origin.observability.logs import JsonLines, TextLines, fields
from flaghoist_origin.observability.outages import SILENCE_MS, Outages
from flaghoist_origin.publishing.lease import LeaseHeld
from tests.origin.an_origin import AnOrigin, StandingClock, a_document
from tests.origin.lost_database import lose_database


def a_record(message: str, **named: object) -> logging.LogRecord:
    logger = logging.getLogger("flaghoist.origin")
    return logger.makeRecord(logger.name, logging.INFO, "file", 1, message, (), None, extra=dict(fields(**named)))


def test_json__line__one_object_with_fields() -> None:
    line = JsonLines().format(a_record("two\nlines", environment="production"))

    assert "\n" not in line
    told = msgspec.json.decode(line)
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "info",
        "logger": "flaghoist.origin",
        "message": "two\nlines",
        "environment": "production",
    }


def test_json__exception__is_a_field() -> None:
    record = a_record("failed")
    try:
        raise RuntimeError("why")
    except RuntimeError as error:
        record.exc_info = (RuntimeError, error, error.__traceback__)

    assert "RuntimeError: why" in msgspec.json.decode(JsonLines().format(record))["exception"]


@pytest.mark.anyio
async def test_line__inside_a_request__carries_its_id() -> None:
    request_ids.enter("r-1")

    assert msgspec.json.decode(JsonLines().format(a_record("x")))["request_id"] == "r-1"
    assert TextLines().format(a_record("x", key="ab")).endswith("INFO    flaghoist.origin: x key=ab request_id=r-1")


def test_outage__goes_on__told_once_and_that_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    outages = Outages(StandingClock().now_ms)
    for _ in range(3):
        outages.away(Unavailable("the database does not answer"))
    outages.away(LeaseHeld("another origin is publishing"))
    outages.back()
    outages.back()

    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "WARNING"]
    assert "the database does not answer" in caplog.messages[0]
    assert "another origin is publishing" in caplog.messages[1]
    assert "answers again" in caplog.messages[2]


def test_outage__after_silence__is_news_again(caplog: pytest.LogCaptureFixture) -> None:
    clock = StandingClock()
    outages = Outages(clock.now_ms)
    outages.away(Unavailable("away"))
    clock.advance(SILENCE_MS / 1000 + 1)
    outages.away(Unavailable("away"))

    assert len(caplog.records) == 2


@pytest.mark.anyio
async def test_writes__database_away__one_line_without_traceback(
    origin: AnOrigin, caplog: pytest.LogCaptureFixture
) -> None:
    await lose_database(origin)
    responses = [await origin.put("/flags/checkout", a_document()) for _ in range(3)]

    assert [response.status_code for response in responses] == [503, 503, 503]
    lines = [record for record in caplog.records if "does not answer" in record.getMessage()]
    assert len(lines) == 1
    assert lines[0].exc_info is None
