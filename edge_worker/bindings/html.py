"""Put HTML at the start of a page's head while the page streams by, with the runtime's own rewriter.

What it calls while it parses is put together from JavaScript's own functions. So a page streams without Python, and no
proxy of a Python function stays behind where a page breaks off and nobody can say so.
"""

from typing import Any

import js
import msgspec
from pyodide.ffi import to_js

_TAGGED = ("head", "prepend"), ("html > :first-child", "before"), ("body", "before")
"""Where the head starts in a document with one of the tags ``html``, ``head`` and ``body``, and what writes there."""

_UNTAGGED = ", ".join(f"{name}:first-of-type" for name in ("title", "meta", "link", "style", "script", "base"))
"""What a head may start with in a document without these tags, which only its doctype tells from a piece of a page."""


class _Methods(msgspec.Struct, frozen=True):
    """Methods of the rewriter's objects, which have no names of their own in JavaScript."""

    before: Any
    prepend: Any
    append: Any
    """Of the end of a document."""


class HeadWriter:
    """Makes a rewriter for each page; make this within a request, once."""

    def __init__(self) -> None:
        self._methods: _Methods | None = None
        self._as_html = js.JSON.parse('{"html":true}')
        self._set = js.Reflect.get(js.Map.prototype, "set")
        clear = js.Reflect.get(js.Map.prototype, "clear")
        self._clear_one = js.Function.prototype.call.bind(clear)

    async def write(self, response: Any, html: bytes) -> Any:
        """Return the JavaScript response with ``html`` in its body, once; a piece of a page stays as it is."""
        methods = self._methods = self._methods or await _learn()
        return self._rewriter(html.decode(), methods).transform(response)

    def _rewriter(self, html: str, methods: _Methods) -> Any:
        """Return a rewriter whose handlers take the HTML out of maps, each of which is empty after it was written.

        Map.forEach calls a method on what a handler is given, with an entry's value and key for arguments.
        """
        tagged, untagged, by_doctype = js.Map.new(), js.Map.new(), js.Map.new()
        tagged.set(self._as_html, html)
        by_doctype.set(html, self._as_html)
        maps = js.Set.new(to_js([tagged, untagged, by_doctype]))
        done = maps.forEach.bind(maps, self._clear_one)
        rewriter = js.HTMLRewriter.new()
        for selector, method in _TAGGED:
            write = tagged.forEach.bind(tagged, getattr(methods, method))
            rewriter.on(selector, _handler("element", write)).on(selector, _handler("element", done))
        write = untagged.forEach.bind(untagged, methods.before)
        rewriter.on(_UNTAGGED, _handler("element", write)).on(_UNTAGGED, _handler("element", done))
        allow = by_doctype.forEach.bind(by_doctype, self._set, untagged)
        rewriter.onDocument(_handler("doctype", allow))
        return rewriter.onDocument(_handler("end", untagged.forEach.bind(untagged, methods.append)))


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
