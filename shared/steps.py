"""Work that is cut into short steps: whoever drives it may do other things between two of them."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import TypeVar

STEP_ITEMS = 250
"""Items per step, where an item is a flag or costs about as much: a step then stays below 2 ms in WebAssembly."""

STEPS_BETWEEN_PAUSES = 2

T = TypeVar("T")
R = TypeVar("R")

Steps = Generator[None, None, T]
"""Yields between steps and returns a result."""


async def complete_gently(steps: Steps[T], pause: Callable[[], Awaitable[None]]) -> T:
    """Do all steps with a pause after every `STEPS_BETWEEN_PAUSES` of them and return the result."""
    done = 0
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
        done += 1
        if done % STEPS_BETWEEN_PAUSES == 0:
            await pause()


def complete(steps: Steps[T]) -> T:
    """Do all steps at once and return the result."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result


def each(items: Sequence[T], work: Callable[[T], R], step: int = STEP_ITEMS) -> Steps[list[R]]:
    """Return what ``work`` makes of every item, so many items per ``step``."""
    made: list[R] = []
    for start in range(0, len(items), step):
        made += [work(item) for item in items[start : start + step]]
        yield
    return made
