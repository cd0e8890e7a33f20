"""What the Worker reaches beside its request: KV, other servers, the clock, and work that outlives the answer."""

import asyncio
from typing import Any, TypeVar

import js
from pyodide.ffi import JsException, to_js

from flaghoist.protocol.requests import Response
from flaghoist_edge.ports.platform import OutgoingRequest, Unreachable

T = TypeVar("T")


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


class WaitUntil:
    """Background work by ``ctx.waitUntil``, which the SDK makes accept Python awaitables."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx

    def keep(self, task: "asyncio.Task[None]") -> None:
        """Keep the task alive after the answer."""
        self._ctx.waitUntil(task)


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
