"""Convert replies to the SDK's responses."""

from typing import Any

import js
import msgspec
from pyodide.ffi import to_js
from workers import Response

from flaghoist.protocol.requests import Response as PlainResponse
from flaghoist_edge.pages.passages import Passage
from flaghoist_edge.runtime.relay import BodyRelay


class ResponseMaker:
    """Makes responses in three crossings: the body as bytes, status and headers as one text, the constructor."""

    def __init__(self) -> None:
        self._construct = js.Response.new
        self._parse = js.JSON.parse
        self._relay: BodyRelay | None = None

    async def make_from(self, passage: Passage) -> Response:
        """Return the response for an answer that streams from another server."""
        self._relay = self._relay or BodyRelay()
        return _Prepared(await self._relay.give(passage))

    def make(self, reply: PlainResponse) -> Response:
        """Return the response for a reply."""
        init = self._parse(msgspec.json.encode({"status": reply.status, "headers": reply.headers}).decode())
        return _Prepared(self._construct(to_js(reply.body) if reply.body else None, init))


class _Prepared(Response):  # type: ignore[misc]  # the SDK exists only in the Worker
    """A response whose JavaScript object exists already: the SDK's own checks would cross the border a dozen times."""

    def __init__(self, js_response: Any) -> None:
        super(Response, self).__init__("", js_response)
