"""Start work that nobody awaits to its end, so that its failures are still logged, and bound work that is awaited."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import TypeVar

from flaghoist_edge.ports.platform import EdgeClock, Unreachable

T = TypeVar("T")

_log = logging.getLogger(__name__)


def start(work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
    """Start the work; an unexpected failure is logged."""
    task = asyncio.create_task(work)
    task.add_done_callback(_report)
    return task


def _report(task: "asyncio.Task[None]") -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.error("background work after an answer failed unexpectedly", exc_info=error)


async def within(clock: EdgeClock, deadline_ms: int, work: Coroutine[None, None, T], what: str) -> T:
    """Return the result of ``work``; cancel it and raise Unreachable naming ``what`` if it takes longer."""
    task = asyncio.create_task(work)
    try:
        if await clock.wait(task, deadline_ms):
            return task.result()
    finally:
        task.cancel()
    raise Unreachable(f"{what} did not answer within {deadline_ms} ms")
