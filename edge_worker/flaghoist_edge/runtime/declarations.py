"""Read the flags that a page declares as used from its beginning, without delaying or changing the page."""

from contextlib import suppress
from typing import Any

import js
from pyodide.ffi import JsException, create_proxy, to_js

_NAME = "flaghoist-exposures"
_SELECTOR = f'meta[name="{_NAME}"]'


async def declared_in(piece: Any) -> str:
    """Return the contents of the page's declarations in a piece of bytes, joined by spaces."""
    if _NAME.encode() not in piece.to_bytes():
        return ""
    found: list[str] = []

    def collect(element: Any) -> None:
        content = element.getAttribute("content")
        found.extend([content] if isinstance(content, str) else [])

    handler = create_proxy(collect)
    rewriter = js.HTMLRewriter.new()
    rewriter.on(_SELECTOR, to_js({"element": handler}, dict_converter=js.Object.fromEntries))
    try:
        # The rewriter fails only after it has read these bytes.
        with suppress(JsException):
            await rewriter.transform(js.Response.new(piece)).arrayBuffer()
    finally:
        handler.destroy()
    return " ".join(found)
