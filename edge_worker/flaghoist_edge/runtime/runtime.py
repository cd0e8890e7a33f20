"""Create the service when the first request brings variables and bindings, and pass every request to it.

Beside its requests the service reaches KV, other servers, the clock and randomness; they are fitted to it here.
"""

import asyncio
import sys
from typing import Any, TypeVar

import js
from pyodide.ffi import JsException, to_js
from workers import Response as SdkResponse

from flaghoist.errors import FlaghoistError
from flaghoist.protocol.problems import refuse
from flaghoist.protocol.requests import Response
from flaghoist_edge.pages.forwarded_responses import ForwardedResponse
from flaghoist_edge.ports.platform import OutgoingRequest, Platform, Unreachable
from flaghoist_edge.ports.settings import VARIABLES, read_settings
from flaghoist_edge.runtime.exchange import JsExchange, RequestReader, ResponseMaker
from flaghoist_edge.runtime.signatures import WebCrypto
from flaghoist_edge.service.service import Service

T = TypeVar("T")


class Runtime:
    """One per isolate; JavaScript objects are looked up at the first request, not when memory is snapshotted."""

    def __init__(self) -> None:
        self._service: Service | None = None
        self._responses: ResponseMaker | None = None
        self._requests: RequestReader | None = None

    async def answer(self, request: Any, env: Any, ctx: Any) -> SdkResponse:
        """Answer one request of the `workers` SDK."""
        if self._responses is None or self._requests is None:
            self._responses, self._requests = ResponseMaker(), RequestReader()
        try:
            service = self._service or self._start(env)
        except FlaghoistError as error:
            return self._responses.make(refuse(error, None))
        response = await service.respond(JsExchange(getattr(request, "js_object", request), ctx, self._requests))
        if type(response) is ForwardedResponse:
            return await self._responses.make_from(response)
        return self._responses.make(response)

    def _start(self, env: Any) -> Service:
        variables = {name: str(getattr(env, name)) for name in VARIABLES if hasattr(env, name)}
        python = ".".join(str(part) for part in sys.version_info[:3])
        platform = Platform(
            kv=Namespace(env.FLAGS), web=Fetch(), clock=JsClock(), entropy=Crypto(), signatures=WebCrypto()
        )
        self._service = Service(settings=read_settings(variables), platform=platform, python=python)
        return self._service


class JsClock:
    """The runtime's clock."""

    def __init__(self) -> None:
        self._now = js.Date.now

    def now_ms(self) -> int:
        """Return milliseconds since the Unix epoch."""
        return int(self._now())

    async def sleep(self, ms: int) -> None:
        """Return after ``ms``."""
        await asyncio.sleep(ms / 1000)

    async def wait(self, task: "asyncio.Task[T]", ms: int) -> bool:
        """Wait for the task at most ``ms`` and leave it running; return whether it is done."""
        done, _ = await asyncio.wait({task}, timeout=ms / 1000)
        return bool(done)


class Crypto:
    """The runtime's randomness."""

    def random_bytes(self, count: int) -> bytes:
        """Return that many random bytes."""
        random: bytes = js.crypto.getRandomValues(js.Uint8Array.new(count)).to_bytes()
        return random


class Namespace:
    """The KV binding; values come as ArrayBuffers."""

    def __init__(self, binding: Any) -> None:
        self._binding = binding

    async def get(self, key: str, cache_seconds: int) -> bytes | None:
        """Return a value, None when there is none; raise Unreachable."""
        try:
            value = await self._binding.get(key, type="arrayBuffer", cacheTtl=cache_seconds)
        except JsException as error:
            raise Unreachable(f"KV failed to read {key}: {error}") from None
        return None if value is None else bytes(value)


class Fetch:
    """Requests to origins."""

    async def send(self, request: OutgoingRequest, deadline_ms: int) -> Response:
        """Return the answer; raise Unreachable if none came before the deadline."""
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
        return Response(answered.status, {name: value for name, value in answered.headers}, body)
