"""Clients that do not keep up: cut off, never buffered for, and whole again after they reconnect."""

import asyncio
from pathlib import Path

import pytest

from flaghoist_origin.streams.stream import CHUNK_BYTES
from tests.origin.an_origin import AnOrigin, Prepared, a_document, an_origin
from tests.origin.streams.listening import listening

pytestmark = pytest.mark.anyio


async def change(origin: AnOrigin, first: int, last: int) -> None:
    for number in range(first, last + 1):
        response = await origin.put(
            "/flags/a", a_document(description=str(number)), if_match="*" if number > 1 else None
        )
        assert response.is_success


async def test_slow_client__takes_nothing__torn_down_and_catches_up(origin: AnOrigin) -> None:
    await change(origin, 1, 1)
    async with listening(origin, last="1-1") as stream:
        stream.reads.clear()
        await change(origin, 2, 3)
        hub = origin.services.streams
        while all(each.sending_since is None for each in hub._streams):
            await asyncio.sleep(0.01)
        hub.look_after(asyncio.get_running_loop().time() + 10)
        assert hub.count == 1
        hub.look_after(asyncio.get_running_loop().time() + 21)
        while hub.count:
            await asyncio.sleep(0)
        assert not stream.is_complete

    async with listening(origin, last="1-1") as again:
        await again.heard(2)
    assert again.ids == ["1-2", "1-3"]


async def test_slow_client__falls_behind_the_buffer__cut_off_and_catches_up(prepared: Prepared, tmp_path: Path) -> None:
    async with an_origin(tmp_path, prepared=prepared, stream_buffer_versions=3) as origin:
        await change(origin, 1, 1)
        async with listening(origin, last="1-1") as slow, listening(origin, last="1-1") as quick:
            slow.reads.clear()
            await change(origin, 2, 9)
            await quick.heard(8)
            slow.reads.set()
            await slow.completed()
            assert not quick.is_complete
        held = [heard.id for heard in slow.events]
        assert held == quick.ids[: len(held)]
        assert len(held) < len(quick.ids)

        async with listening(origin, last=held[-1] if held else "1-1") as again:
            await again.heard(8 - len(held))
        assert held + again.ids == quick.ids


async def test_put__larger_than_a_chunk__sent_in_bounded_pieces(origin: AnOrigin) -> None:
    values = {f"v{number}": "x" * 1_000 for number in range(90)}
    document = a_document(variations=values, off_variation="v0", fallthrough={"variation": "v0"})
    for number in range(3):
        assert (await origin.put(f"/flags/f{number}", document)).is_success
    async with listening(origin) as stream:
        (put,) = await stream.heard(1)

    assert put.data["flags"] == (await origin.get("/snapshot")).json()["flags"]
    assert len(stream.text) > 3 * CHUNK_BYTES
    assert max(stream.pieces) <= CHUNK_BYTES
