"""Read out of the beginning of a page which flags it says it used, beside the page itself and without harm to it."""

from contextlib import suppress
from typing import Any

import js
from pyodide.ffi import JsException, create_proxy, to_js

_NAME = "flaghoist-exposures"
_SELECTOR = f'meta[name="{_NAME}"]'


async def declared_in(piece: Any) -> str:
    """Return the contents of the page's declarations as far as they stand in a piece of bytes, joined by spaces."""
    if _NAME.encode() not in piece.to_bytes():
        return ""
    found: list[str] = []

    def note(element: Any) -> None:
        content = element.getAttribute("content")
        found.extend([content] if isinstance(content, str) else [])

    handler = create_proxy(note)
    rewriter = js.HTMLRewriter.new()
    rewriter.on(_SELECTOR, to_js({"element": handler}, dict_converter=js.Object.fromEntries))
    try:
        # What the rewriter cannot read comes after what it has read.
        with suppress(JsException):
            await rewriter.transform(js.Response.new(piece)).arrayBuffer()
    finally:
        handler.destroy()
    return " ".join(found)
