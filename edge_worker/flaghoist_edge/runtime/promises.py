"""Await a JavaScript promise without the event loop, whose overhead is larger than a small answer's whole cost.

A call from Python that returns a promise turns it into a future of the event loop: two proxies to settle it, a
callback, a handle, a turn of the loop. Here JavaScript's own functions call the method and subscribe to its promise.
The promise never reaches Python, and the task continues inside the promise's own callback.
"""

import asyncio
from asyncio import events
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any

import js
from pyodide.ffi import create_once_callable

Wake = Callable[["Promised"], object]


class PromiseReader:
    """Awaits the result of one method, a function of a JavaScript prototype; make it within a request, once."""

    def __init__(self, method: Any) -> None:
        self._method = method
        self._array_from = getattr(js.Array, "from")
        self._one_item = js.JSON.parse("[0]")
        self._new_map = js.Map.new
        # Looked up by Reflect: the attribute of a promise is Python's own `then`.
        self._then = js.Reflect.get(js.Promise.prototype, "then")
        self._loop = asyncio.get_running_loop()

    async def call_on(self, receiver: Any) -> Any:
        """Return the value of the promise of ``receiver``'s method; raise its rejection."""
        promised = Promised(self._loop)
        fulfil, reject = create_once_callable(promised.fulfil), create_once_callable(promised.reject)
        callbacks = self._new_map()
        callbacks.set(reject, fulfil)
        # Array.from calls the method on the receiver and wraps the promise in an array, which Python leaves alone;
        # Map.forEach calls `then` on the promise with an entry's value and key, and returns nothing.
        promise = self._array_from(self._one_item, self._method, receiver)[0]
        callbacks.forEach(self._then, promise)
        try:
            return await promised
        finally:
            (reject if promised.is_fulfilled else fulfil).destroy()


class Promised:
    """The object that a task awaits in place of a future, by the same protocol; one task, and once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._asyncio_future_blocking = False
        self._loop = loop
        self._wake: tuple[Wake, Context | None] | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        self.is_fulfilled = False

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop of the awaiting task."""
        return self._loop

    def add_done_callback(self, wake: Wake, *, context: Context | None = None) -> None:
        """Remember the task that waits."""
        self._wake = (wake, context)

    def cancel(self, msg: object = None) -> bool:
        """Refuse: a JavaScript promise cannot be cancelled. The task is cancelled when it continues."""
        return False

    def result(self) -> Any:
        """Return the value of the promise, or raise its rejection."""
        if self._error is not None:
            raise self._error
        return self._result

    def fulfil(self, value: Any) -> None:
        """Take the promise's value and continue the task."""
        self._result = value
        self.is_fulfilled = True
        self._settle()

    def reject(self, error: BaseException) -> None:
        """Take the promise's error and continue the task."""
        self._error = error
        self._settle()

    def _settle(self) -> None:
        if self._wake is None:
            return
        wake, context = self._wake
        # As the loop does before a callback: JavaScript may call back on a separate stack.
        if events._get_running_loop() is not self._loop:
            events._set_running_loop(self._loop)
        if asyncio.current_task(self._loop) is not None:
            self._loop.call_soon(wake, self, context=context)
        elif context is None:
            wake(self)
        else:
            context.run(wake, self)

    def __await__(self) -> Generator["Promised", None, Any]:
        self._asyncio_future_blocking = True
        yield self
        return self.result()
