"""Batches of events: lenient as a whole, strict in their parts, and read back as they were written."""

import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaghoist.errors import InputError, LimitExceeded
from flaghoist.limits import EVENTS_BYTES
from flaghoist.protocol.events import Exposure, Track, encode_batch, encode_event, fitting, read_event, read_events

EXPOSURE = Exposure(id="a-1", flag="checkout", variant="on", at=1_800_000_000_000, version="1-43", unit="ada")
TRACK = Track(id="b_2", name="purchase", unit="ada", value=9.5, attributes={"currency": "eur", "gift": True})


def an_exposure(**members: object) -> dict[str, object]:
    return {"id": "a", "type": "exposure", "flag": "checkout", "variant": "on", **members}


def a_track(**members: object) -> dict[str, object]:
    return {"id": "a", "type": "track", "name": "purchase", **members}


def read(*documents: object) -> tuple[int, list[tuple[int, str]]]:
    """Return how many of the events were read, and the others by place and reason."""
    reading = read_events(json.dumps({"events": documents}).encode())
    return len(reading.events), [(refused.index, refused.detail) for refused in reading.refused]


def test_read__what_was_encoded__comes_back() -> None:
    body = encode_batch([encode_event(EXPOSURE), encode_event(TRACK)])

    assert read_events(body).events == (EXPOSURE, TRACK)
    assert read_events(body).refused == ()


def test_read__null_members_and_unknown_ones__count_as_left_out() -> None:
    found = read_event(json.dumps(an_exposure(unit=None, version=None, session="of a newer client")).encode())

    assert found == Exposure(id="a", flag="checkout", variant="on")


def test_read__empty_batch__is_right() -> None:
    assert read() == (0, [])


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (1, "an event is a JSON object"),
        (None, "an event is a JSON object"),
        ({}, "`type`"),
        (an_exposure(type="conversion"), "$.type"),
        (an_exposure(id=""), "$.id"),
        (an_exposure(id="a b"), "$.id"),
        (an_exposure(id=7), "$.id"),
        (an_exposure(flag="a/b"), "$.flag"),
        (an_exposure(flag=""), "$.flag"),
        (an_exposure(variant=""), "the variant is empty"),
        (an_exposure(version="43"), "$.version"),
        (an_exposure(at="yesterday"), "$.at"),
        (an_exposure(unit="a\0b"), "NUL"),
        (an_exposure(unit="\udc00"), "surrogate"),
        (an_exposure(source="<script>"), "$.source"),
        (an_exposure(count=0), "$.count"),
        (a_track(name=""), "the name is empty"),
        (a_track(value="9.5"), "$.value"),
        (a_track(value=2**60), "integer_magnitude"),
        (a_track(value=-1e300), "integer_magnitude"),
        (a_track(attributes={"a": {"b": 1}}), "$.attributes"),
        (a_track(attributes=[1]), "$.attributes"),
    ],
)
def test_read__bad_event__refused_by_place_and_the_others_taken(document: object, words: str) -> None:
    count, refused = read(an_exposure(), document, a_track())

    assert count == 2
    assert [index for index, _ in refused] == [1]
    assert words in refused[0][1]


def test_read__event_that_no_json_parser_agrees_on__loses_no_other() -> None:
    body = b'{"events":[%b,{"id":"x","id":"y"},{"id":"z","value":1e999},%b]}' % (
        encode_event(EXPOSURE),
        encode_event(TRACK),
    )

    reading = read_events(body)

    assert reading.events == (EXPOSURE, TRACK)
    assert [refused.index for refused in reading.refused] == [1, 2]
    assert "twice" in reading.refused[0].detail


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b'"events"', b"{}", b'{"events":{}}', b'{"events":null}', b'{"events":[{]}'),
        *(b"\xff", b'{"events":[1,]}', b'{"events":[' + b"[" * 5_000 + b"]}"),
    ],
)
def test_read__batch_that_is_none__refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(InputError):
        read_events(body)


def test_read__body_past_the_limit__is_a_413() -> None:
    with pytest.raises(LimitExceeded) as raised:
        read_events(b" " * (EVENTS_BYTES.value + 1))

    assert raised.value.status == 413


@given(st.binary(max_size=200))
def test_read__any_bytes__read_or_refused(body: bytes) -> None:
    with suppress(InputError):
        read_events(body)


FINITE = st.floats(allow_nan=False, allow_infinity=False)
ANY = st.recursive(st.none() | st.booleans() | FINITE | st.text(), lambda each: st.dictionaries(st.text(), each))


@given(ANY)
def test_read__any_event__alone_in_being_refused(document: object) -> None:
    count, refused = read(an_exposure(), document)

    assert count + len(refused) == 2
    assert count >= 1


def test_fitting__many_events__as_many_as_a_body_takes() -> None:
    line = encode_event(msgspec.structs.replace(EXPOSURE, unit="u" * 400))

    few, many = fitting([line] * 10, 4), fitting([line] * 1_000, 1_000)

    assert len(few) == 4
    assert len(encode_batch(many)) <= EVENTS_BYTES.value < len(encode_batch([*many, line]))
