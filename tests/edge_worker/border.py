"""A border between `flaghoist_edge.runtime` and JavaScript that only counts what crosses it."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import ModuleType
from typing import Any

import msgspec
import pytest

from tests.edge_worker.fakes import FakeExchange

BINDINGS = "flaghoist_edge.runtime"


class Border:
    """Counts every access to a JavaScript object: attributes and calls."""

    def __init__(self) -> None:
        self.crossings: list[str] = []
        self.held_by_javascript = 0

    def wrap(self, name: str, members: Mapping[str, object]) -> Any:
        return _JsObject(self, name, members)

    def to_js(self, value: object) -> object:
        """Return a list as a JavaScript array of header names, of which `map` is used; anything else as it is."""
        if not isinstance(value, list):
            return value
        return module("array", map=self.function("names.map", lambda _get, headers: [headers.peek(n) for n in value]))

    def function(self, name: str, result: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            self.crossings.append(f"{name}()")
            return result(*arguments)

        return call


class _JsObject:
    def __init__(self, border: Border, name: str, members: Mapping[str, object]) -> None:
        self._border, self._name, self._members = border, name, members

    def peek(self, name: str) -> object:
        """Return what JavaScript itself finds, without a crossing."""
        return self._members.get(name)

    def __getattr__(self, member: str) -> object:
        self._border.crossings.append(f"{self._name}.{member}")
        return self._members[member]


@pytest.fixture
def border(monkeypatch: pytest.MonkeyPatch) -> Iterator[Border]:
    """Put the counting border in JavaScript's place; `flaghoist_edge.runtime` is imported anew."""
    counting = Border()
    monkeypatch.setitem(sys.modules, "js", module("js", **_globals(counting)))
    ffi = module(
        "pyodide.ffi",
        JsException=RuntimeError,
        create_proxy=None,
        to_js=counting.function("to_js", counting.to_js),
        create_once_callable=counting.function("create_once_callable", partial(_OnceCallable, counting)),
    )
    monkeypatch.setitem(sys.modules, "pyodide", module("pyodide", ffi=ffi))
    monkeypatch.setitem(sys.modules, "pyodide.ffi", ffi)
    monkeypatch.setitem(sys.modules, "workers", module("workers", Response=_Response))
    _forget_bindings()
    yield counting
    _forget_bindings()


def _forget_bindings() -> None:
    for name in [name for name in sys.modules if name.startswith(f"{BINDINGS}.")]:
        del sys.modules[name]


class _FetchResponse:
    """What the SDK's own is made from."""

    def __init__(self, *_: object) -> None:
        pass


class _Response(_FetchResponse):
    """In place of the SDK's own."""


def module(name: str, **members: object) -> ModuleType:
    """Return an object with these members."""
    made = ModuleType(name)
    vars(made).update(members)
    return made


def _globals(border: Border) -> dict[str, object]:
    return {
        "Response": module("Response", new=border.function("Response.new", lambda *_: None)),
        "JSON": module(
            "JSON",
            parse=border.function("JSON.parse", lambda text: text),
            stringify=border.function("JSON.stringify", lambda value: msgspec.json.encode(value).decode()),
        ),
        "Headers": module("Headers", prototype=module("prototype", get=None)),
        "Request": module("Request", prototype=module("prototype", arrayBuffer=_array_buffer)),
        "Array": module(
            "Array", **{"from": border.function("Array.from", lambda _, method, receiver: [method(receiver)])}
        ),
        "Map": module("Map", new=border.function("Map.new", lambda: _Map(border))),
        "Promise": module("Promise", prototype=None),
        "Reflect": module("Reflect", get=border.function("Reflect.get", lambda *_: FakePromise.then)),
        "Date": module("Date", now=border.function("Date.now", lambda: 1_800_000_000_000)),
        "fetch": None,
    }


def js_request(border: Border, question: FakeExchange) -> Any:
    """Return the SDK's request of an evaluation request."""
    headers = {**question.headers, "content-length": str(len(question.content))}
    buffer = border.wrap("buffer", {"to_bytes": border.function("buffer.to_bytes", lambda: question.content)})
    members = {
        "method": "POST",
        "url": question.url,
        "headers": border.wrap("headers", headers),
        "body promise": FakePromise(buffer),
    }
    return module("request", js_object=border.wrap("request", members))


def _array_from(_items: object, method: Callable[[object], object], receiver: object) -> list[object]:
    return [method(receiver)]


def _array_buffer(request: Any) -> "FakePromise":
    promise: FakePromise = request.peek("body promise")
    return promise


class FakePromise:
    """A promise that settles in the next turn of the loop, with a value or an error."""

    def __init__(self, outcome: object) -> None:
        self._outcome = outcome

    def then(self, fulfil: Callable[[object], None], reject: Callable[[object], None]) -> None:
        """Subscribe to it."""
        settle = reject if isinstance(self._outcome, Exception) else fulfil
        asyncio.get_running_loop().call_soon(settle, self._outcome)


class _OnceCallable:
    """A function as JavaScript holds it: gone once it was called, or destroyed."""

    def __init__(self, border: Border, function: Callable[[object], None]) -> None:
        self._border = border
        self._function = function
        border.held_by_javascript += 1

    def __call__(self, value: object) -> None:
        self.destroy()
        self._function(value)

    def destroy(self) -> None:
        self._border.held_by_javascript -= 1


class _Map(dict[Any, Any]):
    """A JavaScript map, as far as it is used."""

    def __init__(self, border: Border) -> None:
        super().__init__()
        self._border = border

    def set(self, key: object, value: object) -> None:
        """Add an entry."""
        self._border.crossings.append("map.set()")
        self[key] = value

    def forEach(self, method: Callable[..., None], receiver: object) -> None:
        """Call the method on the receiver with value and key of each entry."""
        self._border.crossings.append("map.forEach()")
        for key, value in self.items():
            method(receiver, value, key)
