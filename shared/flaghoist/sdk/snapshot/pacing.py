"""Work in the background that yields to the application's threads between its steps."""

from time import perf_counter
from typing import TypeVar

from flaghoist.steps import Steps

WORK_SECONDS = 0.001
REST_SECONDS = 0.001
"""A thread that waits for the interpreter runs in this pause; without it, after Python's switch interval of 5 ms."""

T = TypeVar("T")


async def gently(steps: Steps[T]) -> T:
    """Do all steps, with a pause after about every millisecond of work, and return the result."""
    import asyncio  # noqa: PLC0415 (it takes long to import; only a started provider needs it)

    began = perf_counter()
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
        if perf_counter() - began >= WORK_SECONDS:
            await asyncio.sleep(REST_SECONDS)
            began = perf_counter()
