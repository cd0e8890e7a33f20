"""Both ends of an exchange with JavaScript: read its request in few border crossings, and make its response."""

import asyncio
from collections.abc import Mapping
from typing import Any

import js
import msgspec
from pyodide.ffi import to_js
from workers import Response as SdkResponse

from flaghoist.protocol.paths import body_limit, split_url
from flaghoist.protocol.requests import Request, Response
from flaghoist_edge.pages.forwarded_responses import ForwardedResponse
from flaghoist_edge.ports.platform import ForwardedRequest
from flaghoist_edge.runtime.lookups import Lookup
from flaghoist_edge.runtime.promises import PromiseReader
from flaghoist_edge.runtime.relay import BodyRelay, JsUpstreamResponse, forward


class RequestReader:
    """The look-ups that are done once and serve every request."""

    HEADERS = ("authorization", "if-none-match", "content-length", "flaghoist-context")

    def __init__(self) -> None:
        self._get = js.Headers.prototype.get
        self._over_names = to_js(list(self.HEADERS)).map
        self._stringify = js.JSON.stringify
        self._promises = PromiseReader(js.Request.prototype.arrayBuffer)

    def headers(self, headers: Any) -> dict[str, str | None]:
        """Return the headers that every answer needs, None for a missing one: two crossings for all."""
        values = _decode_values(self._stringify(self._over_names(self._get, headers)))
        return dict(zip(self.HEADERS, values, strict=True))

    async def whole_body(self, request: Any) -> bytes:
        """Return the body, whatever its length."""
        body: bytes = (await self._promises.call_on(request)).to_bytes()
        return body


_decode_values = msgspec.json.Decoder(list[str | None]).decode


class JsExchange:
    """One request of the `workers` SDK, with the ``ctx`` that Cloudflare's runtime gives for it."""

    def __init__(self, request: Any, ctx: Any, reader: RequestReader) -> None:
        self._request = request
        self._ctx = ctx
        self._reader = reader
        self.url = ""

    @property
    def cf(self) -> Mapping[str, object]:
        """Cloudflare's data about the request, read one by one."""
        return _Cf(self._request)

    async def read(self) -> Request:
        """Return the request and remember its URL; its body is read only as far as its path takes one."""
        self.url = str(self._request.url)
        method, (path, query) = str(self._request.method), split_url(self.url)
        headers, most_bytes = _Headers(self._request.headers, self._reader), body_limit(method, path)
        body = await self._read_body(headers, most_bytes) if most_bytes else b""
        return Request(method, path, query, headers, body)

    async def _read_body(self, headers: Mapping[str, str], most_bytes: int) -> bytes:
        """Return the body, or only its beginning of more than ``most_bytes`` if it is longer than that."""
        announced = headers.get("content-length", "")
        if announced.isdecimal():
            is_longer = int(announced) > most_bytes
            return bytes(most_bytes + 1) if is_longer else await self._reader.whole_body(self._request)
        return await self._read_beginning(most_bytes)

    async def _read_beginning(self, most_bytes: int) -> bytes:
        """Read a body of unknown length piece by piece, so that an endless one does not fill the isolate."""
        stream = self._request.body
        if not hasattr(stream, "getReader"):
            return b""
        reader = stream.getReader()
        pieces = bytearray()
        while len(pieces) <= most_bytes:
            piece = await reader.read()
            if piece.done:
                return bytes(pieces)
            pieces += piece.value.to_bytes()
        await reader.cancel()
        return bytes(pieces)

    async def forward(self, onward: ForwardedRequest) -> JsUpstreamResponse:
        """Forward the request to another server; raise Unreachable."""
        return await forward(self._request, onward)

    def keep_alive(self, task: "asyncio.Task[None]") -> None:
        """Keep the task alive after the answer, by ``waitUntil``, which the SDK makes accept Python awaitables."""
        self._ctx.waitUntil(task)


class ResponseMaker:
    """Makes responses in three crossings: the body as bytes, status and headers as one text, the constructor."""

    def __init__(self) -> None:
        self._construct = js.Response.new
        self._parse = js.JSON.parse
        self._relay: BodyRelay | None = None

    async def make_from(self, forwarded: ForwardedResponse) -> SdkResponse:
        """Return the response of an answer that streams from another server."""
        self._relay = self._relay or BodyRelay()
        return _PreparedResponse(await self._relay.make_response(forwarded))

    def make(self, response: Response) -> SdkResponse:
        """Return the response in the SDK's form."""
        init = self._parse(msgspec.json.encode({"status": response.status, "headers": response.headers}).decode())
        return _PreparedResponse(self._construct(to_js(response.body) if response.body else None, init))


class _PreparedResponse(SdkResponse):  # type: ignore[misc]  # the SDK exists only in the Worker
    """A response with a finished JavaScript object: the SDK's own checks would cross the border a dozen times."""

    def __init__(self, js_response: Any) -> None:
        super(SdkResponse, self).__init__("", js_response)


class _Headers(Lookup):
    """Request headers; those that no `RequestReader` reads are read on demand."""

    def __init__(self, headers: Any, reader: RequestReader) -> None:
        self._headers = headers
        self._known = reader.headers(headers)

    def __getitem__(self, name: str) -> str:
        value = self._known[name] if name in self._known else self._headers.get(name)
        if not isinstance(value, str):
            raise KeyError(name)
        return value

    # The inherited method would call the one above and catch its exception, several times per request.
    def get(self, name: str, default: Any = None) -> Any:
        value = self._known[name] if name in self._known else self._headers.get(name)
        return value if isinstance(value, str) else default


class _Cf(Lookup):
    """Members of ``request.cf``, each read on demand; ``a.b`` is the member ``b`` of ``a``."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def __getitem__(self, name: str) -> object:
        value = getattr(self._request, "cf", None)
        for part in name.split("."):
            value = getattr(value, part, None)
        if not isinstance(value, (str, int, float)):
            raise KeyError(name)
        return value
