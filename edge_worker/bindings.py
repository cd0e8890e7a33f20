"""Cloudflare's runtime behind the protocols of `edge_worker.ports`: the one place that touches JavaScript.

Every access to a JavaScript object crosses a border, so each is made once, and what is long crosses as bytes.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import js
import msgspec
from pyodide.ffi import JsException, to_js
from workers import Response

from edge_worker.ports import Outgoing, Unreachable
from edge_worker.service import Service
from edge_worker.settings import VARIABLES, read_settings
from shared.answers import Reply, refuse
from shared.errors import FlaghoistError

T = TypeVar("T")


class Runtime:
    """Makes the service at the first request, when variables and bindings are at hand, and hands it every request."""

    def __init__(self) -> None:
        self._service: Service | None = None
        self._responses: _Responses | None = None
        self._headers: _HeaderReader | None = None

    async def answer(self, request: Any, env: Any, ctx: Any) -> Response:
        """Answer one request of the `workers` SDK."""
        if self._responses is None or self._headers is None:
            self._responses, self._headers = _Responses(), _HeaderReader()
        try:
            service = self._service or self._start(env)
        except FlaghoistError as error:
            return self._responses.make(refuse(error, None))
        reply = await service.respond(_Request(getattr(request, "js_object", request), self._headers), _WaitUntil(ctx))
        return self._responses.make(reply)

    def _start(self, env: Any) -> Service:
        variables = {name: str(getattr(env, name)) for name in VARIABLES if hasattr(env, name)}
        python = ".".join(str(part) for part in sys.version_info[:3])
        kv = _Namespace(env.FLAGS)
        self._service = Service(read_settings(variables), kv=kv, web=_Fetch(), clock=_Clock(), python=python)
        return self._service


class _Prepared(Response):  # type: ignore[misc]  # the SDK is there in the Worker alone
    """A response whose JavaScript object is made already: the SDK's own checks would cross the border a dozen times."""

    def __init__(self, js_response: Any) -> None:
        super(Response, self).__init__("", js_response)


class _Responses:
    """Makes responses in three crossings: the body as bytes, status and headers as one text, the constructor."""

    def __init__(self) -> None:
        self._construct = js.Response.new
        self._parse = js.JSON.parse

    def make(self, reply: Reply) -> Response:
        init = self._parse(msgspec.json.encode({"status": reply.status, "headers": reply.headers}).decode())
        return _Prepared(self._construct(to_js(reply.body) if reply.body else None, init))


class _Clock:
    """The runtime's clock."""

    def __init__(self) -> None:
        self._now = js.Date.now

    def now_ms(self) -> int:
        return int(self._now())

    async def sleep(self, ms: int) -> None:
        await asyncio.sleep(ms / 1000)

    async def wait(self, task: "asyncio.Task[T]", ms: int) -> bool:
        done, _ = await asyncio.wait({task}, timeout=ms / 1000)
        return bool(done)


class _WaitUntil:
    """Background work by ``ctx.waitUntil``, which the SDK makes accept Python awaitables."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx

    def keep(self, task: "asyncio.Task[None]") -> None:
        self._ctx.waitUntil(task)


class _Namespace:
    """The KV binding; values come as ArrayBuffers."""

    def __init__(self, binding: Any) -> None:
        self._binding = binding

    async def get(self, key: str, cache_seconds: int) -> bytes | None:
        try:
            value = await self._binding.get(key, type="arrayBuffer", cacheTtl=cache_seconds)
        except JsException as error:
            raise Unreachable(f"KV failed to read {key}: {error}") from None
        return None if value is None else bytes(value)


class _Fetch:
    """Requests to origins."""

    async def send(self, request: Outgoing, deadline_ms: int) -> Reply:
        options: dict[str, object] = {
            "method": request.method,
            "headers": dict(request.headers),
            "signal": js.AbortSignal.timeout(deadline_ms),
        }
        if request.method != "GET":
            options["body"] = request.body
        try:
            answered = await js.fetch(request.url, to_js(options, dict_converter=js.Object.fromEntries))
            body = (await answered.arrayBuffer()).to_bytes()
        except JsException as error:
            raise Unreachable(f"no answer, {error}") from None
        return Reply(answered.status, {name: value for name, value in answered.headers}, body)


class _Lookup(Mapping[str, Any]):
    """What all lazy views of a JavaScript object share: iteration is not what they are for."""

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError("look up members by name")

    def __len__(self) -> int:
        raise NotImplementedError("look up members by name")


class _HeaderReader:
    """Reads what is asked of every request's headers together: two crossings instead of one or two for each."""

    NAMES = ("authorization", "if-none-match", "content-length")

    def __init__(self) -> None:
        self._get = js.Headers.prototype.get
        self._over_names = to_js(list(self.NAMES)).map
        self._stringify = js.JSON.stringify

    def read(self, headers: Any) -> dict[str, str | None]:
        """Return the values by name, None for a header that is not there."""
        values = _decode_values(self._stringify(self._over_names(self._get, headers)))
        return dict(zip(self.NAMES, values, strict=True))


_decode_values = msgspec.json.Decoder(list[str | None]).decode


class _Headers(_Lookup):
    """Request headers; those that no `_HeaderReader` reads are read when asked for."""

    def __init__(self, headers: Any, reader: _HeaderReader) -> None:
        self._headers = headers
        self._known = reader.read(headers)

    def __getitem__(self, name: str) -> str:
        value = self._known[name] if name in self._known else self._headers.get(name)
        if not isinstance(value, str):
            raise KeyError(name)
        return value


class _Cf(_Lookup):
    """Members of ``request.cf``, each read when asked for; ``a.b`` is the member ``b`` of ``a``."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def __getitem__(self, name: str) -> object:
        value = getattr(self._request, "cf", None)
        for part in name.split("."):
            value = getattr(value, part, None)
        if not isinstance(value, (str, int, float)):
            raise KeyError(name)
        return value


class _Request:
    """One JavaScript request."""

    def __init__(self, request: Any, reader: _HeaderReader) -> None:
        self._request = request
        self.headers = _Headers(request.headers, reader)
        self.cf = _Cf(request)

    @property
    def method(self) -> str:
        return str(self._request.method)

    @property
    def url(self) -> str:
        return str(self._request.url)

    async def body(self, most_bytes: int) -> bytes:
        announced = self.headers.get("content-length", "")
        if announced.isdecimal():
            is_longer = int(announced) > most_bytes
            return bytes(most_bytes + 1) if is_longer else (await self._request.arrayBuffer()).to_bytes()
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
