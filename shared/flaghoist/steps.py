"""Work in short steps, so that the caller can do other things between them."""

from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

ITEMS_BETWEEN_PAUSES = 250
"""An item is a compiled flag or work of similar cost: this many take about a millisecond in WebAssembly."""

T = TypeVar("T")

Steps = Generator[int, None, T]
"""Yields between steps how many items the last step has done, and returns a result."""


async def complete_gently(steps: Steps[T], pause: Callable[[], Awaitable[None]]) -> T:
    """Do all steps with a pause after every `ITEMS_BETWEEN_PAUSES` and return the result."""
    done = 0
    while True:
        try:
            done += next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
        if done >= ITEMS_BETWEEN_PAUSES:
            done = 0
            await pause()


def complete(steps: Steps[T]) -> T:
    """Do all steps at once and return the result."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
