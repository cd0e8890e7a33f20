"""The streams that bulk answers name: by region, with the client's own key, and with nothing that expires."""

from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from flaghoist.protocol.requests import Response
from tests.builders import a_flag
from tests.published import CLIENT_KEY, SERVER_KEY, published
from tests.shared.answers.asking import BOOTSTRAP, BULK, ask, tree

URL = "https://flags.example.com/v1/stream"
SNAPSHOT = published(a_flag("a").on().client_visible(), epoch=3, version=14)
WITHOUT = SNAPSHOT.held()
WITH = SNAPSHOT.but(streams={"*": URL}).held()
REGIONS = {"EU": "https://eu.example.com/v1/stream", "NA": "https://na.example.com/v1/stream"}


def named_in(response: Response) -> dict[str, str]:
    """Return the one stream that an answer names."""
    (stream,) = msgspec.convert(tree(response)["eventStreams"], list[dict[str, str]])
    return stream


def test_bulk__client_key__names_the_stream_with_key_and_version() -> None:
    stream = named_in(ask(WITH, BULK))

    assert set(stream) == {"type", "url"}
    assert stream["type"] == "sse"
    assert stream["url"].startswith(f"{URL}?")
    assert parse_qs(urlsplit(stream["url"]).query) == {"key": [CLIENT_KEY], "since": ["3-14"]}


def test_bootstrap__ofrep_format__names_the_stream_as_well() -> None:
    assert "eventStreams" in tree(ask(WITH, BOOTSTRAP, query="format=ofrep"))
    assert b"eventStreams" not in ask(WITH, BOOTSTRAP).body


def test_bulk__server_key__is_in_no_url() -> None:
    assert b"eventStreams" not in ask(WITH, BULK, key=SERVER_KEY).body


def test_bulk__no_streams__no_member() -> None:
    assert "eventStreams" not in tree(ask(WITHOUT, BULK))


@pytest.mark.parametrize(
    ("continent", "streams", "host"),
    [
        ("EU", REGIONS, "eu.example.com"),
        ("NA", REGIONS, "na.example.com"),
        ("AS", REGIONS, "eu.example.com"),
        (None, REGIONS, "eu.example.com"),
        (7, REGIONS, "eu.example.com"),
        ("AS", {**REGIONS, "*": URL}, "flags.example.com"),
        ("AS", {"NA": REGIONS["NA"]}, "na.example.com"),
    ],
)
def test_bulk__regions__the_nearest_or_the_usual(continent: object, streams: dict[str, str], host: str) -> None:
    held = SNAPSHOT.but(streams=streams).held()
    edge = {} if continent is None else {"edge.continent": continent}
    stream = named_in(ask(held, BULK, edge=edge))

    assert urlsplit(stream["url"]).hostname == host


def test_etag__streams_or_none__the_same() -> None:
    assert ask(WITH, BULK).headers["ETag"] == ask(WITHOUT, BULK).headers["ETag"]


def test_bulk__url_with_quotes__is_json_still() -> None:
    held = SNAPSHOT.but(streams={"*": 'https://a/"b"\\'}).held()
    stream = named_in(ask(held, BULK))

    assert stream["url"].startswith('https://a/"b"\\?')
