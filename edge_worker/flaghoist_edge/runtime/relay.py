"""Forward a request to another server and its answer to the visitor; both bodies stream past Python."""

import asyncio
from collections.abc import Mapping
from typing import Any

import js
import msgspec
from pyodide.ffi import JsException, to_js

from flaghoist_edge.pages.forwarded_responses import ForwardedResponse
from flaghoist_edge.ports.platform import ForwardedRequest, Unreachable
from flaghoist_edge.runtime.html import HeadWriter
from flaghoist_edge.runtime.lookups import Lookup


class JsUpstreamResponse:
    """The answer of another server."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status = int(response.status)
        self.headers: Mapping[str, str] = _Headers(response.headers)


class _Headers(Lookup):
    """Response headers; each is read when requested."""

    def __init__(self, headers: Any) -> None:
        self._headers = headers

    def __getitem__(self, name: str) -> str:
        value = self._headers.get(name)
        if not isinstance(value, str):
            raise KeyError(name)
        return value


async def forward(request: Any, onward: ForwardedRequest) -> JsUpstreamResponse:
    """Forward a JavaScript request; raise Unreachable if there is no answer. Cancelling this aborts the request."""
    headers = js.Headers.new(request.headers)
    _edit(headers, onward.removed, onward.replaced, onward.added)
    giving_up = js.AbortController.new()
    options = {"method": request.method, "headers": headers, "redirect": "manual", "signal": giving_up.signal}
    body = request.body
    if hasattr(body, "getReader"):
        options["body"] = body
    try:
        return JsUpstreamResponse(await js.fetch(onward.url, to_js(options, dict_converter=js.Object.fromEntries)))
    except asyncio.CancelledError:
        giving_up.abort()
        raise
    except JsException as error:
        raise Unreachable(f"no answer, {error}") from None


class BodyRelay:
    """Passes answers of another server to visitors; make it within a request, once."""

    def __init__(self) -> None:
        self._heads = HeadWriter()

    async def make_response(self, forwarded: ForwardedResponse) -> Any:
        """Return the JavaScript response; an unchanged answer is passed through itself."""
        upstream = forwarded.upstream
        assert isinstance(upstream, JsUpstreamResponse)
        if not (forwarded.headers or forwarded.removed or forwarded.added):
            return upstream.response
        response = js.Response.new(upstream.response.body, upstream.response)
        _edit(response.headers, forwarded.removed, forwarded.headers, forwarded.added)
        if not forwarded.head:
            return response
        return await self._heads.write_head(response, forwarded.head, forwarded.on_declared)


def _edit(
    headers: Any, removed: tuple[str, ...], replaced: Mapping[str, str], added: tuple[tuple[str, str], ...]
) -> None:
    """Change JavaScript headers; the removed names cross as one text, because there are many."""
    js.JSON.parse(msgspec.json.encode(removed).decode()).forEach(js.Headers.prototype.delete, headers)
    for name, value in replaced.items():
        headers.set(name, value)
    for name, value in added:
        headers.append(name, value)
