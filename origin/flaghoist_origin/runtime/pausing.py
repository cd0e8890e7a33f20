"""Wait for something to do, or for some time to pass."""

import asyncio
from collections.abc import Awaitable, Callable

Pause = Callable[[asyncio.Event, float], Awaitable[None]]


async def pause(requested: asyncio.Event, seconds: float) -> None:
    """Return when ``requested`` is set, or after ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            await requested.wait()
    except TimeoutError:
        return
