"""Many clients at once over real connections: one change reaches all of them."""

import asyncio
from collections.abc import Callable

import pytest

from tests.origin.an_origin import AnOrigin, a_document
from tests.origin.streams.sockets import SocketClient, served

pytestmark = pytest.mark.anyio
CLIENTS = 300
PATIENCE_SECONDS = 30


async def test_streams__300_clients__one_change_reaches_all(origin: AnOrigin) -> None:
    async with served(origin.app) as port:
        loop = asyncio.get_running_loop()
        clients = [SocketClient(f"/v1/stream?key={origin.keys['client']}&since=1-0") for _ in range(CLIENTS)]
        for client in clients:
            await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
        await until(lambda: all(b"retry: " in client.received for client in clients))
        assert origin.services.streams.count == CLIENTS

        await origin.put("/flags/a", a_document())
        await until(lambda: all(b"id: 1-1\n" in client.received for client in clients))

        for client in clients:
            client.close()
        await until(lambda: origin.services.streams.count == 0)
    assert all(client.received.count(b"refetchEvaluation") == 1 for client in clients)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():
            await asyncio.sleep(0.02)
