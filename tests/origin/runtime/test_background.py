"""Work beside requests: started again when it ends, stopped with the application."""

import asyncio
import gc

import pytest

from flaghoist_origin.runtime.background import keep_running, running
from flaghoist_origin.serving.bulk import collection_paused

pytestmark = pytest.mark.anyio


async def test_keep_running__work_fails_or_ends__starts_again_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    runs = 0
    third = asyncio.Event()

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise RuntimeError("a defect")
        if runs == 3:
            third.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(keep_running("counting", work, restart_seconds=0))
    await asyncio.wait_for(third.wait(), timeout=10)
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert "a defect" in caplog.text
    assert caplog.text.count("counting ended") == 2


async def test_running__block_ends__work_is_cancelled() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("work")

    async with running(work=work):
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert ended == ["work"]


def test_collection_paused__nested__on_again_at_the_end() -> None:
    with collection_paused():
        with collection_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
