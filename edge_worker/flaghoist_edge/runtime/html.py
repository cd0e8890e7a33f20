"""Insert HTML at the start of a page's head while the page streams through, with the runtime's own rewriter.

The rewriter aborts a page in which it cannot distinguish markup from text, or whose tags are megabytes long. So it gets
only as much of a page as is needed to find the head, and the whole page only if the head is not in the first piece.

Its handlers are built from JavaScript's own functions. So a page streams without Python, and no proxy of a Python
function is leaked if a page breaks off unnoticed.
"""

from collections.abc import Callable
from typing import Any

import js
import msgspec
from pyodide.ffi import JsException, to_js

from flaghoist_edge.runtime.declarations import declared_in

_TAGGED = ("head", "prepend"), ("html > :first-child", "before"), ("body", "before")
"""Selectors for the start of the head in a document with ``html``, ``head`` or ``body``, and the writing methods."""

_UNTAGGED = ", ".join(f"{name}:first-of-type" for name in ("title", "meta", "link", "style", "script", "base"))
"""Elements that may start a head in a document without these tags; only a doctype distinguishes it from a fragment."""


_STEPS_BYTES = (128, 1_024, 8_192)
"""How much of a page is read to find its head: step by step, in the end the whole first piece."""


OnDeclared = Callable[[str], None]


class _Methods(msgspec.Struct, frozen=True):
    """Methods of the rewriter's objects, which are not reachable by name in JavaScript."""

    before: Any
    prepend: Any
    append: Any
    """Writes at the end of a document."""


class HeadWriter:
    """Writes into pages; make this within a request, once."""

    def __init__(self) -> None:
        self._methods: _Methods | None = None
        self._as_html = js.JSON.parse('{"html":true}')
        self._set = js.Reflect.get(js.Map.prototype, "set")
        self._clear_one = js.Function.prototype.call.bind(js.Reflect.get(js.Map.prototype, "clear"))
        self._array_from = getattr(js.Array, "from")
        self._one_item = js.JSON.parse("[0]")
        self._then = js.Reflect.get(js.Promise.prototype, "then")
        self._whatever_comes = js.Map.new()
        self._whatever_comes.set(js.Boolean, js.Boolean)

    async def write_head(self, response: Any, html: bytes, on_declared: OnDeclared | None = None) -> Any:
        """Return the JavaScript response with ``html`` inserted into its body, once; a fragment of a page is unchanged.

        ``on_declared`` is called with the page's declarations in the first piece, if there are any.
        """
        if not hasattr(response.body, "getReader"):
            return response
        reader = response.body.getReader()
        try:
            first = await reader.read()
        except JsException:
            return response  # It has broken off; the reader of the stream gets the error.
        finally:
            reader.releaseLock()
        if on_declared is not None and not first.done and (declared := await declared_in(first.value)):
            on_declared(declared)
        self._methods = self._methods or await _learn()
        stream = "" if first.done else await self._write(response, first.value, html.decode(), self._methods)
        return js.Response.new(stream, response)

    async def _write(self, response: Any, piece: Any, html: str, methods: _Methods) -> Any:
        """Return the body of a response whose first piece was read, with the HTML inserted."""
        try:
            for size in sorted({min(step, piece.length) for step in (*_STEPS_BYTES, piece.length)}):
                rewriter, to_write = self._rewriter(html, methods)
                written = await rewriter.transform(js.Response.new(piece.subarray(0, size), response)).arrayBuffer()
                if not to_write.size:
                    return self._joined((written, piece.subarray(size)), response.body)
        except JsException:
            # Markup and text cannot be distinguished at the head: serve the page without flags.
            return self._joined((piece,), response.body)
        rewriter, _ = self._rewriter(html, methods, is_whole=True)
        return rewriter.transform(js.Response.new(self._joined((piece,), response.body), response)).body

    def _rewriter(self, html: str, methods: _Methods, *, is_whole: bool = False) -> tuple[Any, Any]:
        """Return a rewriter, and a map that is empty after it has written; in a whole document it may write at the end.

        Its handlers take the HTML out of maps: Map.forEach calls a method on the handler's argument with value and key
        of an entry, and never if the map is empty.
        """
        tagged, untagged, by_doctype = js.Map.new(), js.Map.new(), js.Map.new()
        tagged.set(self._as_html, html)
        by_doctype.set(html, self._as_html)
        maps = js.Set.new(to_js([tagged, untagged, by_doctype]))
        places = [(place, tagged.forEach.bind(tagged, getattr(methods, method))) for place, method in _TAGGED]
        places.append((_UNTAGGED, untagged.forEach.bind(untagged, methods.before)))
        done = _handler("element", maps.forEach.bind(maps, self._clear_one))
        rewriter = js.HTMLRewriter.new()
        for place, write in places:
            rewriter.on(place, _handler("element", write)).on(place, done)
        allow = by_doctype.forEach.bind(by_doctype, self._set, untagged)
        rewriter.onDocument(_handler("doctype", allow))
        if is_whole:
            rewriter.onDocument(_handler("end", untagged.forEach.bind(untagged, methods.append)))
        return rewriter, tagged

    def _joined(self, pieces: tuple[Any, ...], rest: Any) -> Any:
        """Return a stream of the pieces and then the rest, which the runtime pumps by itself."""
        joint = js.IdentityTransformStream.new()
        writer = joint.writable.getWriter()
        for piece in pieces:
            self._start(writer.write.bind(writer, piece))
        writer.releaseLock()
        self._start(rest.pipeTo.bind(rest, joint.writable, js.Object.new()))
        return joint.readable

    def _start(self, function: Any) -> None:
        """Call a JavaScript function and ignore its promise: the reader of the stream gets the error anyway.

        The promise must not reach Python by a call, see `flaghoist_edge.runtime.promises`.
        """
        promise = self._array_from(self._one_item, function)[0]
        self._whatever_comes.forEach(self._then, promise)


async def _learn() -> _Methods:
    """Take the methods from the objects of a tiny document."""
    seen = js.Array.new()
    take = js.Array.prototype.push.bind(seen)
    rewriter = js.HTMLRewriter.new().on("p", _handler("element", take)).onDocument(_handler("end", take))
    await rewriter.transform(js.Response.new("<p>")).text()
    element, end = seen
    find = js.Reflect.get
    return _Methods(find(element, "before"), find(element, "prepend"), find(end, "append"))


def _handler(name: str, function: Any) -> Any:
    return to_js({name: function}, dict_converter=js.Object.fromEntries)
