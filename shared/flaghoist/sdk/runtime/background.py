"""Run a provider's I/O in its own thread with its own event loop, until it is stopped."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress

LOG = logging.getLogger("flaghoist.sdk")

FAULT_SECONDS = 5.0
"""Pause after a programming error, which is logged; values are served meanwhile."""

Main = Callable[[], Coroutine[None, None, None]]


class BackgroundThread:
    """One daemon thread that runs ``main``, which does not end by itself; ``report_fault`` is called when it fails.

    The thread does not keep the process alive.
    """

    def __init__(self, main: Main, report_fault: Callable[[Exception], None], name: str) -> None:
        self._main = main
        self._report_fault = report_fault
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._has_begun = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """Cancel the work, and return whether the thread has ended within so many seconds."""
        self._has_begun.wait(seconds)
        if self._loop is None or self._task is None:
            return False
        with suppress(RuntimeError):  # the loop is closed: the thread has ended
            self._loop.call_soon_threadsafe(self._task.cancel)
        if threading.current_thread() is not self._thread:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._until_cancelled())

    async def _until_cancelled(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._has_begun.set()
        while True:
            try:
                await self._main()
            except Exception as error:
                LOG.exception("following the origin failed: trying again in %g s", FAULT_SECONDS)
                self._report_fault(error)
            await asyncio.sleep(FAULT_SECONDS)
