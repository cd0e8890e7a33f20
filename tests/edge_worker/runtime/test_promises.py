"""Awaiting JavaScript's promises past the event loop, with JavaScript as functions that count."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.edge_worker.border import Border, FakePromise

pytestmark = pytest.mark.anyio


@pytest.fixture
def call_on(border: Border) -> Callable[[FakePromise], Awaitable[Any]]:
    """Return what awaits a promise."""
    promises = importlib.import_module("flaghoist_edge.runtime.promises")

    async def await_one(promise: FakePromise) -> Any:
        return await promises.PromiseReader(lambda receiver: receiver).call_on(promise)

    return await_one


async def test_promise__fulfilled__brings_its_value(call_on: Any) -> None:
    assert await call_on(FakePromise("a body")) == "a body"


async def test_promise__rejected__raises_its_error(call_on: Any) -> None:
    with pytest.raises(OSError, match="the caller hung up"):
        await call_on(FakePromise(OSError("the caller hung up")))


@pytest.mark.parametrize("outcome", ["a body", OSError("the caller hung up")])
async def test_promise__settled__leaves_nothing_in_javascript(call_on: Any, border: Border, outcome: object) -> None:
    await asyncio.gather(call_on(FakePromise(outcome)), return_exceptions=True)
    assert border.held_by_javascript == 0


async def test_promise__of_a_cancelled_task__cancels_once_it_settles(call_on: Any, border: Border) -> None:
    task = asyncio.create_task(call_on(FakePromise("a body")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert border.held_by_javascript == 0


async def test_promise__settled_while_another_task_runs__goes_on_in_a_turn_of_its_own(border: Border) -> None:
    promised = importlib.import_module("flaghoist_edge.runtime.promises").Promised(asyncio.get_running_loop())
    waiting = asyncio.create_task(_await(promised))
    await asyncio.sleep(0)
    promised.fulfil("a body")
    assert not waiting.done()
    assert await waiting == "a body"


async def test_promises__many_at_once__reach_who_waits_for_them(call_on: Any) -> None:
    bodies = [f"body {number}" for number in range(20)]
    assert await asyncio.gather(*(call_on(FakePromise(body)) for body in bodies)) == bodies


async def _await(promised: Any) -> Any:
    return await promised
