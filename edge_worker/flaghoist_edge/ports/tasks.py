"""Start work that nobody awaits to its end, so that its failures are seen all the same."""

import asyncio
import logging
from collections.abc import Coroutine

_log = logging.getLogger(__name__)


def start(work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
    """Start the work; should it fail in a way that it does not foresee, the log says so."""
    task = asyncio.create_task(work)
    task.add_done_callback(_report)
    return task


def _report(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.error("work behind an answer failed in a way that is not foreseen", exc_info=error)
