"""Events: client reports of which flags were used and of what users did; each event is checked by itself.

An *exposure* says that a flag's variation was used; a *track* event says that something happened which experiments
count. A batch is read leniently as a whole and strictly in its parts: one bad event never loses the others.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from flaghoist.errors import InputError, LimitExceeded
from flaghoist.limits import (
    EVENT_ATTRIBUTES,
    EVENT_BYTES,
    EVENT_COUNT,
    EVENT_ID_CHARACTERS,
    EVENT_NAME_CHARACTERS,
    EVENTS,
    EVENTS_BYTES,
    FLAG_KEY_CHARACTERS,
    IDENTIFIER_CHARACTERS,
    INTEGER,
    Limit,
)
from flaghoist.model.flags import SnapshotVersion
from flaghoist.text import strict_json
from flaghoist.text.json_paths import ROOT, member

EVENTS_PATH = "/v1/events"

Attribute = bool | int | float | str | None

_ID = re.compile(r"[A-Za-z0-9_-]+")
_FLAG_KEY = re.compile(r"[A-Za-z0-9._-]+")
_SOURCE = re.compile(r"[A-Za-z0-9._-]{0,32}")
_BEFORE, _BETWEEN, _AFTER = b'{"events":[', b",", b"]}"


class Exposure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="exposure"):
    """One use of a flag's variation, or ``count`` uses of it by the same unit that were folded into one event.

    ``id`` makes a repeated report harmless. ``at`` is in milliseconds since the epoch, 0 for the time of arrival.
    ``version`` is the snapshot's (``1-43``), ``unit`` whom the flag was evaluated for, ``source`` who reports.
    """

    id: str
    flag: str
    variant: str
    at: int | float = 0
    version: str = ""
    unit: str = ""
    source: str = ""
    count: int = 1


class Track(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="track"):
    """Something that happened and that experiments may count or sum; members as in `Exposure`."""

    id: str
    name: str
    at: int | float = 0
    unit: str = ""
    value: float | None = None
    attributes: Mapping[str, Attribute] = {}
    source: str = ""


Event = Exposure | Track


class RefusedEvent(msgspec.Struct, frozen=True):
    """An event that was not taken, by its place in the batch, and why; sending it again will not help."""

    index: int
    detail: str


class BatchReading(msgspec.Struct, frozen=True):
    """The valid events of a batch, in order, and the rejected ones."""

    events: tuple[Event, ...]
    refused: tuple[RefusedEvent, ...]


class EventsAnswer(msgspec.Struct, frozen=True):
    """What became of a batch: events stored now, those stored before, and those that need not be sent again."""

    accepted: int = 0
    duplicates: int = 0
    refused: tuple[RefusedEvent, ...] = ()


class _Envelope(msgspec.Struct):
    events: list[msgspec.Raw]


_open = msgspec.json.Decoder(_Envelope).decode
encode_event = msgspec.json.Encoder().encode
"""Return an event's JSON."""


def fitting(events: Iterable[bytes], most: int) -> list[bytes]:
    """Return the first of ``events``, each the JSON of one, that fit into one body: at most ``most``."""
    room = EVENTS_BYTES.value - len(_BEFORE) - len(_AFTER)
    batch: list[bytes] = []
    for event in events:
        room -= len(event) + len(_BETWEEN)
        if room < 0 or len(batch) == most:
            break
        batch.append(event)
    return batch


def encode_batch(events: Iterable[bytes]) -> bytes:
    """Return the body that reports ``events``, each the JSON of one."""
    return _BEFORE + _BETWEEN.join(events) + _AFTER


def read_events(body: bytes) -> BatchReading:
    """Return the events of a request's body; raise InputError or LimitExceeded if the body cannot be read."""
    events: list[Event] = []
    refused: list[RefusedEvent] = []
    for index, raw in enumerate(_raw_events(body)):
        try:
            events.append(read_event(bytes(raw)))
        except InputError as error:
            refused.append(RefusedEvent(index, str(error)))
    return BatchReading(tuple(events), tuple(refused))


def read_event(raw: bytes) -> Event:
    """Return the event in one JSON object; raise InputError or LimitExceeded.

    Null members count as absent; unknown ones are ignored, so that newer clients can report to older origins.
    """
    tree = strict_json.decode(raw, max_bytes=EVENT_BYTES)
    if not isinstance(tree, dict):
        raise InputError.at(ROOT, "an event is a JSON object")
    given = {name: value for name, value in tree.items() if value is not None}
    event: Event = strict_json.to_struct(given, Event)  # type: ignore[arg-type]  # a union of two tagged structs
    _check(event)
    return event


def _raw_events(body: bytes) -> Sequence[bytes | msgspec.Raw]:
    if len(body) > EVENTS_BYTES.value:
        raise LimitExceeded(EVENTS_BYTES, len(body), too_large=True)
    try:
        events: Sequence[bytes | msgspec.Raw] = _open(body).events
    except (msgspec.MsgspecError, ValueError, RecursionError):
        events = _split(body)
    if len(events) > EVENTS.value:
        raise LimitExceeded(EVENTS, len(events), "$.events")
    return events


def _split(body: bytes) -> Sequence[bytes]:
    """Return the events of a body that the parser rejects, perhaps because of a fault in a single event."""
    try:
        tree = json.loads(body.decode())
    except (ValueError, RecursionError):
        strict_json.decode(body, max_bytes=EVENTS_BYTES)
        tree = None
    events = tree.get("events") if isinstance(tree, dict) else None
    if not isinstance(events, list):
        raise InputError.at(ROOT, 'the body is a JSON object: {"events": [event, …]}')
    return [json.dumps(event).encode() for event in events]


def _check(event: Event) -> None:
    _check_text(event.id, _ID, EVENT_ID_CHARACTERS, "$.id", "an id consists of A-Z, a-z, 0-9, '_' and '-'")
    _check_length(event.unit, IDENTIFIER_CHARACTERS, "$.unit")
    if not _SOURCE.fullmatch(event.source):
        raise InputError.at("$.source", "a source is at most 32 characters of A-Z, a-z, 0-9, '.', '_' and '-'")
    if isinstance(event, Exposure):
        _check_exposure(event)
    else:
        _check_track(event)


def _check_exposure(event: Exposure) -> None:
    key = "a flag's key consists of A-Z, a-z, 0-9, '.', '_' and '-'"
    _check_text(event.flag, _FLAG_KEY, FLAG_KEY_CHARACTERS, "$.flag", key)
    if not event.variant:
        raise InputError.at("$.variant", "the variant is empty: an exposure names the variation that was used")
    _check_length(event.variant, FLAG_KEY_CHARACTERS, "$.variant")
    if event.version and SnapshotVersion.parse(event.version) is None:
        raise InputError.at("$.version", "a version is an epoch and a number, such as 1-43")
    if event.count < 1:
        raise InputError.at("$.count", "the count is at least 1")
    if event.count > EVENT_COUNT.value:
        raise LimitExceeded(EVENT_COUNT, event.count, "$.count")


def _check_track(event: Track) -> None:
    if not event.name:
        raise InputError.at("$.name", "the name is empty: a track event says what happened")
    _check_length(event.name, EVENT_NAME_CHARACTERS, "$.name")
    # Sums of larger values would overflow in databases.
    if event.value is not None and abs(event.value) > INTEGER.value:
        raise LimitExceeded(INTEGER, int(event.value), "$.value")
    if len(event.attributes) > EVENT_ATTRIBUTES.value:
        raise LimitExceeded(EVENT_ATTRIBUTES, len(event.attributes), "$.attributes")
    for name, value in event.attributes.items():
        path = member("$.attributes", name)
        _check_length(name, EVENT_NAME_CHARACTERS, path)
        if isinstance(value, str):
            _check_length(value, IDENTIFIER_CHARACTERS, path)


def _check_text(text: str, form: re.Pattern[str], limit: Limit, path: str, detail: str) -> None:
    if not form.fullmatch(text):
        raise InputError.at(path, detail)
    _check_length(text, limit, path)


def _check_length(text: str, limit: Limit, path: str) -> None:
    if len(text) > limit.value:
        raise LimitExceeded(limit, len(text), path)
