"""Put HTML at the start of a page's head while the page streams by, with the runtime's own rewriter.

The rewriter ends a page in which it cannot tell markup from text, or whose tags are megabytes long. So it is given no
more of a page than it takes to find the head; all of it only where the head is not in the piece that comes first.

What it calls while it parses is put together from JavaScript's own functions. So a page streams without Python, and no
proxy of a Python function stays behind where a page breaks off and nobody can say so.
"""

from collections.abc import Callable
from typing import Any

import js
import msgspec
from pyodide.ffi import JsException, to_js

from flaghoist_edge.runtime.declarations import declared_in

_TAGGED = ("head", "prepend"), ("html > :first-child", "before"), ("body", "before")
"""Where the head starts in a document with one of the tags ``html``, ``head`` and ``body``, and what writes there."""

_UNTAGGED = ", ".join(f"{name}:first-of-type" for name in ("title", "meta", "link", "style", "script", "base"))
"""What a head may start with in a document without these tags, which only its doctype tells from a piece of a page."""


_STEPS_BYTES = (128, 1_024, 8_192)
"""So much of a page is read to find its head, then so much, and so on; at last all of the piece that came first."""


Heed = Callable[[str], None]


class _Methods(msgspec.Struct, frozen=True):
    """Methods of the rewriter's objects, which have no names of their own in JavaScript."""

    before: Any
    prepend: Any
    append: Any
    """Of the end of a document."""


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

    async def write(self, response: Any, html: bytes, heed: Heed | None = None) -> Any:
        """Return the JavaScript response with ``html`` in its body, once; a piece of a page stays as it is.

        ``heed`` is told what the page declares in the piece that comes first, if it declares anything there.
        """
        if not hasattr(response.body, "getReader"):
            return response
        reader = response.body.getReader()
        try:
            first = await reader.read()
        except JsException:
            return response  # It has broken off, as whoever reads it will see.
        finally:
            reader.releaseLock()
        if heed is not None and not first.done and (declared := await declared_in(first.value)):
            heed(declared)
        self._methods = self._methods or await _learn()
        stream = "" if first.done else await self._write(response, first.value, html.decode(), self._methods)
        return js.Response.new(stream, response)

    async def _write(self, response: Any, piece: Any, html: str, methods: _Methods) -> Any:
        """Return the body of a response of which a piece was read, with the HTML in it."""
        try:
            for size in sorted({min(step, piece.length) for step in (*_STEPS_BYTES, piece.length)}):
                rewriter, to_write = self._rewriter(html, methods)
                written = await rewriter.transform(js.Response.new(piece.subarray(0, size), response)).arrayBuffer()
                if not to_write.size:
                    return self._joined((written, piece.subarray(size)), response.body)
        except JsException:
            # Where the head should be, markup and text cannot be told apart: the page is worth more than its flags.
            return self._joined((piece,), response.body)
        rewriter, _ = self._rewriter(html, methods, is_whole=True)
        return rewriter.transform(js.Response.new(self._joined((piece,), response.body), response)).body

    def _rewriter(self, html: str, methods: _Methods, *, is_whole: bool = False) -> tuple[Any, Any]:
        """Return a rewriter, and a map that is empty once it has written; in a whole document it may write at the end.

        Its handlers take the HTML out of maps: Map.forEach calls a method on what a handler is given, with an entry's
        value and key for arguments, and never when the map is empty.
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
        """Call a JavaScript function and leave its promise to itself: who reads the stream hears of a failure anyway.

        The promise must not come to Python by a call, see `flaghoist_edge.runtime.promises`.
        """
        promise = self._array_from(self._one_item, function)[0]
        self._whatever_comes.forEach(self._then, promise)


async def _learn() -> _Methods:
    """Return the methods as a tiny document's own objects have them."""
    seen = js.Array.new()
    take = js.Array.prototype.push.bind(seen)
    rewriter = js.HTMLRewriter.new().on("p", _handler("element", take)).onDocument(_handler("end", take))
    await rewriter.transform(js.Response.new("<p>")).text()
    element, end = seen
    find = js.Reflect.get
    return _Methods(find(element, "before"), find(element, "prepend"), find(end, "append"))


def _handler(name: str, function: Any) -> Any:
    return to_js({name: function}, dict_converter=js.Object.fromEntries)
