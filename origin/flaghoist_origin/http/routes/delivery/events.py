"""``/v1/events``: events from clients, SDKs and edges; and counts of them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from flaghoist.errors import InputError, KeyRefused, MethodNotAllowed, NotFound
from flaghoist.limits import EVENTS_BYTES
from flaghoist.protocol.cors import CORS_HEADERS, preflight
from flaghoist.protocol.events import BatchReading, EventsAnswer, read_events
from flaghoist.protocol.keys import check_key, find_key
from flaghoist.protocol.queries import read_query
from flaghoist.protocol.requests import Request as PlainRequest
from flaghoist_origin.http.operations.events import PATH, REPORT
from flaghoist_origin.http.operations.operation import JSON, Access, Parameter, operation
from flaghoist_origin.http.operations.parts import INSTANT, written
from flaghoist_origin.http.resources.answers import answer
from flaghoist_origin.http.resources.bodies import THREAD_BYTES, read_body
from flaghoist_origin.http.resources.guard import Visit, needs
from flaghoist_origin.http.resources.parameters import parameter
from flaghoist_origin.http.resources.resource import ENVIRONMENT, DescribedRoute, resource
from flaghoist_origin.http.resources.times import instant_parameter
from flaghoist_origin.keys.access import Need
from flaghoist_origin.keys.key_secrets import hash_of
from flaghoist_origin.observability.metrics import EVENTS as COUNTED
from flaghoist_origin.observability.requests import set_key_id
from flaghoist_origin.services.services import Services, services_of
from flaghoist_origin.storage.environments.events import EventFilter, ExposureCount, TrackedCount

T = TypeVar("T")

ACCEPTED = 202
DAYS_MS = 7 * 24 * 3_600_000
GROUPS_MOST = 10_000
HEADERS: Mapping[str, str] = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **CORS_HEADERS}
SINCE = Parameter("since", "Not before this; a week before `until` if left out.", INSTANT)
UNTIL = Parameter("until", "Before this; now if left out.", INSTANT)
FLAG = Parameter("flag", "Only this flag.", {"type": "string"})
NAME = Parameter("name", "Only events of this name.", {"type": "string"})


class ExposureCounts(msgspec.Struct, frozen=True):
    """Exposures by flag and variation, sorted; ``is_whole`` is false when there are more groups than are listed."""

    since_ms: int
    until_ms: int
    items: tuple[ExposureCount, ...]
    is_whole: bool


class TrackedCounts(msgspec.Struct, frozen=True):
    """Track events by name, sorted; otherwise as for exposures."""

    since_ms: int
    until_ms: int
    items: tuple[TrackedCount, ...]
    is_whole: bool


def event_routes() -> list[BaseRoute]:
    """Return the routes of events."""
    return [
        DescribedRoute(PATH, EventReports(), REPORT),
        resource(f"{ENVIRONMENT}/exposures", GET=needs(Need.MEASURE, _exposures)),
        resource(f"{ENVIRONMENT}/tracked", GET=needs(Need.MEASURE, _tracked)),
    ]


class EventReports:
    """The ASGI application behind the route for reporting events."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raise the FlaghoistError that explains why no event was accepted."""
        request = Request(scope, receive)
        response = _preflight() if request.method == "OPTIONS" else await _take(request)
        await response(scope, receive, send)


def _preflight() -> Response:
    reply = preflight(PlainRequest("OPTIONS", PATH, "", {}, b""))
    return Response(status_code=reply.status, headers=dict(reply.headers))


async def _take(request: Request) -> Response:
    if request.method != "POST":
        raise MethodNotAllowed(f"{PATH} takes POST, not {request.method[:20]}")
    services = services_of(request)
    environment, is_public = _admit(request, services)
    body = await read_body(request, EVENTS_BYTES)
    reading = await _read(body)
    if is_public:
        services.event_rates.pass_through(environment, len(reading.events))
    taken = await services.intake.take(environment, reading.events)
    COUNTED.labels("refused").inc(len(reading.refused))
    result = EventsAnswer(taken.accepted, taken.duplicates, reading.refused)
    return Response(msgspec.json.encode(result), ACCEPTED, headers=dict(HEADERS), media_type=JSON)


def _admit(request: Request, services: Services) -> tuple[str, bool]:
    """Return the environment of the request's key, and whether the key is public; raise KeyRefused."""
    query: str = request.scope["query_string"].decode("latin-1")
    presented = find_key(request.headers, read_query(query))
    try:
        state = services.environments.get(presented.environment)
    except NotFound:
        raise KeyRefused("this key is not valid here: it is unknown, was revoked, or is of another origin") from None
    set_key_id(request.scope, state.key_ids.get(hash_of(presented.text), ""))
    kind = check_key(state.serving.keyring, presented.text, services.clock.now_ms(), in_url=presented.in_url)
    services.key_uses.record_use(presented.text)
    return presented.environment, kind == "client"


async def _read(body: bytes) -> BatchReading:
    return read_events(body) if len(body) < THREAD_BYTES else await asyncio.to_thread(read_events, body)


@operation(
    "Count exposures by flag and variation",
    access=Access.KEY,
    parameters=(FLAG, SINCE, UNTIL),
    answers={200: written(ExposureCounts, "The counts.", etag=False)},
    problems=(400,),
)
async def _exposures(request: Request, visited: Visit) -> Response:
    wanted = _wanted(request, visited, "flag")
    items, is_whole = _shown(await visited.services.store.exposure_counts(wanted))
    counts = ExposureCounts(wanted.since_ms, wanted.until_ms, items, is_whole)
    return answer(counts, visited.state.record.snapshot_version)


@operation(
    "Count track events by name",
    access=Access.KEY,
    parameters=(NAME, SINCE, UNTIL),
    answers={200: written(TrackedCounts, "The counts.", etag=False)},
    problems=(400,),
)
async def _tracked(request: Request, visited: Visit) -> Response:
    wanted = _wanted(request, visited, "name")
    items, is_whole = _shown(await visited.services.store.tracked_counts(wanted))
    counts = TrackedCounts(wanted.since_ms, wanted.until_ms, items, is_whole)
    return answer(counts, visited.state.record.snapshot_version)


def _shown(found: Sequence[T]) -> tuple[tuple[T, ...], bool]:
    """Return the groups in an answer, and whether these are all."""
    return tuple(found[:GROUPS_MOST]), len(found) <= GROUPS_MOST


def _wanted(request: Request, visited: Visit, group: str) -> EventFilter:
    now_ms = visited.services.clock.now_ms()
    given_until, given_since = instant_parameter(request, "until"), instant_parameter(request, "since")
    # Include events of the present millisecond.
    until_ms = now_ms + 1 if given_until is None else given_until
    since_ms = until_ms - DAYS_MS if given_since is None else given_since
    if since_ms >= until_ms:
        raise InputError.at("since", "must lie before until")
    return EventFilter(visited.environment, since_ms, until_ms, parameter(request, group), GROUPS_MOST + 1)
