"""Read a JavaScript request: data that every answer needs in few border crossings, the rest on demand."""

from typing import Any

import js
import msgspec
from pyodide.ffi import to_js

from flaghoist_edge.ports.platform import ForwardedRequest
from flaghoist_edge.runtime.lookups import Lookup
from flaghoist_edge.runtime.promises import PromiseReader
from flaghoist_edge.runtime.relay import JsUpstreamResponse, forward


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


class JsRequest:
    """One request."""

    def __init__(self, request: Any, reader: RequestReader) -> None:
        self._request = request
        self._reader = reader
        self.headers = _Headers(request.headers, reader)
        self.cf = _Cf(request)

    @property
    def method(self) -> str:
        """The HTTP method."""
        return str(self._request.method)

    @property
    def url(self) -> str:
        """The absolute URL, percent-encoding kept."""
        return str(self._request.url)

    async def body(self, most_bytes: int) -> bytes:
        """Return the body, or only its beginning of more than ``most_bytes`` if it is longer than that."""
        announced = self.headers.get("content-length", "")
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
