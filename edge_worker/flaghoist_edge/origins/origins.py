"""The client of the origins: fetches manifests and shards and forwards requests, trying the origins in order."""

from collections.abc import Mapping

import msgspec

from flaghoist.model.flags import JsonValue
from flaghoist.protocol.cors import CORS_HEADERS
from flaghoist.protocol.edge_origin import (
    ATTRIBUTES_HEADER,
    CONFIRMED_HEADER,
    TOKEN_HEADER,
    encode_attributes,
    manifest_path,
    shard_path,
)
from flaghoist.protocol.freshness import FROM_ORIGIN, LEVEL_HEADER, STATE_HEADERS
from flaghoist.protocol.requests import Request, Response
from flaghoist_edge.origins.breakers import Breaker
from flaghoist_edge.ports.platform import EdgeClock, OutgoingRequest, Unreachable, Web
from flaghoist_edge.ports.timing import ORIGIN_DEADLINE_MS

_FORWARDED = ("authorization", "x-api-key", "flaghoist-context", "if-none-match", "content-type")
_RELAYED = (
    *("allow", "cache-control", "content-type", "etag", "retry-after", "vary", "www-authenticate"),
    *(name.lower() for name in STATE_HEADERS),
)
_REMEDIES = {401: ": give Worker and origin the same FLAGHOIST_SECRET"}
_NOTHING: Mapping[str, str] = {}
_NOT_MODIFIED = 304
_OK = 200
_TROUBLE = 500


class ManifestAnswer(msgspec.Struct, frozen=True):
    """An origin's answer on its manifest: ``data`` is None if ours is the latest; ``confirmed_at_ms`` by its clock."""

    data: bytes | None
    etag: str
    confirmed_at_ms: int


class Origins:
    """The origins of a Worker, nearest first, each behind a breaker."""

    def __init__(self, *, base_urls: tuple[str, ...], token: str, web: Web, clock: EdgeClock) -> None:
        self._breakers = {url: Breaker() for url in base_urls}
        self._token = token
        self._web = web
        self._clock = clock

    async def manifest(self, environment: str, etag: str) -> ManifestAnswer:
        """Ask for the manifest unless it still has ``etag``; raise Unreachable if no origin answers."""
        headers = {"If-None-Match": etag} if etag else {}
        response = await self._read(manifest_path(environment), headers)
        confirmed = response.headers.get(CONFIRMED_HEADER.lower(), "")
        return ManifestAnswer(
            None if response.status == _NOT_MODIFIED else response.body,
            response.headers.get("etag", etag),
            int(confirmed) if confirmed.isdecimal() else 0,
        )

    async def shard(self, environment: str, shard_hash: str) -> bytes:
        """Return a shard's bytes, unverified; raise Unreachable when no origin has it."""
        return (await self._read(shard_path(environment, shard_hash), {})).body

    async def forward(
        self, request: Request, edge_attributes: Mapping[str, JsonValue], deadline_ms: int = ORIGIN_DEADLINE_MS
    ) -> Response:
        """Forward the request unchanged and return an origin's answer; raise Unreachable if none answers."""
        attributes = {ATTRIBUTES_HEADER: encode_attributes(edge_attributes)}
        response = await self.relay(request, deadline_ms, attributes)
        level = {} if LEVEL_HEADER.lower() in response.headers else {LEVEL_HEADER.lower(): str(FROM_ORIGIN)}
        return Response(response.status, {**level, **response.headers}, response.body)

    async def relay(self, request: Request, deadline_ms: int, added: Mapping[str, str] = _NOTHING) -> Response:
        """Forward the request with the headers ``added``; raise Unreachable if no origin answers."""
        headers = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
        target = f"{request.path}?{request.query}" if request.query else request.path
        response = await self._ask(request.method, target, {**headers, **added}, request.body, deadline_ms)
        relayed = {name: response.headers[name] for name in _RELAYED if name in response.headers}
        return Response(response.status, {**relayed, **CORS_HEADERS}, response.body)

    async def _read(self, path: str, headers: Mapping[str, str]) -> Response:
        response = await self._ask("GET", path, headers, b"", ORIGIN_DEADLINE_MS)
        if response.status not in (_OK, _NOT_MODIFIED):
            raise Unreachable(
                f"the origin answers {path} with status {response.status}{_REMEDIES.get(response.status, '')}"
            )
        return response

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes, deadline_ms: int) -> Response:
        """Return the first answer that is not a server error, trying the origins in order.

        Failures name origins by position, because anybody can read health answers.
        """
        sent = {**headers, TOKEN_HEADER: self._token}
        failures = [] if self._breakers else ["none is configured: set ORIGINS"]
        for position, (url, breaker) in enumerate(self._breakers.items(), 1):
            if not breaker.admits(self._clock.now_ms()):
                failures.append(f"origin {position} is left alone after {breaker.failures} failures")
                continue
            try:
                response = await self._web.send(OutgoingRequest(method, url + path, sent, body), deadline_ms)
            except Unreachable as error:
                breaker.fail(self._clock.now_ms())
                failures.append(f"origin {position}: {error}")
                continue
            if response.status < _TROUBLE:
                breaker.succeed()
                return response
            breaker.fail(self._clock.now_ms())
            failures.append(f"origin {position} answers with status {response.status}")
        raise Unreachable(f"no origin answers: {'; '.join(failures)}")
