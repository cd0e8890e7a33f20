"""Background tasks: started with the application, restarted if they end, stopped with it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

LOG = logging.getLogger("flaghoist.origin")
RESTART_SECONDS = 5.0
Work = Callable[[], Awaitable[None]]


@asynccontextmanager
async def running(**works: Work) -> AsyncIterator[None]:
    """Run all ``works`` for the duration of a block."""
    tasks = [asyncio.create_task(keep_running(name, work), name=name) for name, work in works.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def keep_running(name: str, work: Work, restart_seconds: float = RESTART_SECONDS) -> None:
    """Run ``work`` until cancelled; if it ends or fails, log that and start it again."""
    while True:
        task = asyncio.ensure_future(work())
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            await asyncio.wait([task])
        LOG.error("%s ended and starts again in %g s", name, restart_seconds, exc_info=task.exception())
        await asyncio.sleep(restart_seconds)
