"""``/v1/stream``: changes as server-sent events, for every valid key; each kind of key has its own default dialect."""

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from flaghoist.errors import ActionForbidden, InputError, MethodNotAllowed
from flaghoist.model.flags import SnapshotVersion
from flaghoist.protocol.cors import CORS_HEADERS
from flaghoist.protocol.keys import find_key
from flaghoist.protocol.sdk_origin import STREAM_PATH
from flaghoist_origin.http.operations.streams import STREAM
from flaghoist_origin.http.resources.parameters import parameter
from flaghoist_origin.http.resources.resource import DescribedRoute
from flaghoist_origin.keys.access import identify
from flaghoist_origin.services.services import Services, services_of
from flaghoist_origin.serving.since import read_event_id, read_since
from flaghoist_origin.storage.database.records import KeyKind, KeyRecord
from flaghoist_origin.streams import events
from flaghoist_origin.streams.events import Dialect
from flaghoist_origin.streams.stream import Ending, Stream

HEADERS: Mapping[str, str] = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
    **CORS_HEADERS,
}
PREFLIGHT: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, X-API-Key, Last-Event-ID, Cache-Control",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, OPTIONS",
}
USUAL: Mapping[KeyKind, Dialect] = {
    "client": Dialect.OFREP,
    "server": Dialect.RULES,
    "admin": Dialect.NOTICES,
}
ASKED_FOR: Mapping[str, Dialect] = {each.value: each for each in (Dialect.OFREP, Dialect.RULES, Dialect.NOTICES)}


def stream_routes() -> list[BaseRoute]:
    """Return the route of the change stream."""
    return [DescribedRoute(STREAM_PATH, ChangeStream(), STREAM)]


class ChangeStream:
    """The ASGI application behind the stream."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raise the FlaghoistError that explains why there is no stream."""
        request = Request(scope, receive)
        if request.method == "OPTIONS":
            await Response(status_code=204, headers=dict(PREFLIGHT))(scope, receive, send)
            return
        if request.method != "GET":
            raise MethodNotAllowed(f"{STREAM_PATH} takes GET, not {request.method[:20]}")
        services = services_of(request)
        key = _key(request, services)
        dialect = _dialect(request, key.kind)
        if not services.streams.has_place(is_public=key.kind == "client"):
            answer = events.farewell(services.streams.full_retry_ms(), "no place is free: come back later")
            await Response(answer, headers=dict(HEADERS))(scope, receive, send)
            return
        channel = await services.streams.channel(key.environment)
        since = _since(request, channel.position)
        stream = services.streams.new_stream(channel, dialect=dialect, key_id=key.id, since=since)
        await _serve(stream, services, receive, send)


async def _serve(stream: Stream, services: Services, receive: Receive, send: Send) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    with services.streams.attached(stream):
        gone = asyncio.ensure_future(_until_gone(stream, receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await stream.run(send)
        finally:
            gone.cancel()


async def _until_gone(stream: Stream, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    stream.end(Ending.GONE)


def _key(request: Request, services: Services) -> KeyRecord:
    """Return the key of the header, or the client key of the URL; raise KeyRefused."""
    headers: Mapping[str, str] = request.headers
    in_url = parameter(request, "key")
    if in_url is not None and not ("authorization" in headers or "x-api-key" in headers):
        headers = {"x-api-key": find_key({}, {"key": in_url}).text}
    return identify(headers, services.environments, services.clock.now_ms()).key


def _dialect(request: Request, kind: KeyKind) -> Dialect:
    asked = parameter(request, "dialect")
    dialect = USUAL[kind] if asked is None else ASKED_FOR.get(asked)
    if dialect is None:
        raise InputError.at("dialect", f"must be one of {', '.join(ASKED_FOR)}")
    if kind != "client":
        return dialect
    if dialect is Dialect.RULES:
        raise ActionForbidden("rules are for server keys: a client key takes the dialects ofrep and notices")
    return Dialect.PUBLIC_NOTICES if dialect is Dialect.NOTICES else dialect


def _since(request: Request, position: SnapshotVersion) -> SnapshotVersion | None:
    """Return the client's version: from its last event, else from the URL, which may be old."""
    last = request.headers.get("last-event-id", "")
    if last:
        return read_event_id(last)
    named = parameter(request, "since")
    return None if named is None else read_since(named, position.epoch)
