"""Work in short steps: all of it is done, with pauses after so much work."""

import asyncio

from flaghoist.steps import ITEMS_BETWEEN_PAUSES, Steps, complete, complete_gently


def work(*items: int) -> Steps[str]:
    yield from items
    return "done"


def pauses_of(steps: Steps[str]) -> int:
    """Return how often the work pauses, once it is done."""
    pauses = 0

    async def pause() -> None:
        nonlocal pauses
        pauses += 1

    assert asyncio.run(complete_gently(steps, pause)) == "done"
    return pauses


def test_complete__returns_the_result() -> None:
    assert complete(work(1, 2)) == "done"


def test_complete_gently__little_work__does_not_pause() -> None:
    assert pauses_of(work(1, ITEMS_BETWEEN_PAUSES - 2)) == 0


def test_complete_gently__much_work__pauses_each_time_it_adds_up() -> None:
    assert pauses_of(work(ITEMS_BETWEEN_PAUSES - 1, 1, ITEMS_BETWEEN_PAUSES - 1, 1, 1)) == 2
