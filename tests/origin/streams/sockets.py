"""Streams over real connections: a server in this process, and clients that are sockets and nothing more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

START_SECONDS = 10


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[int]:
    """Serve an application whose lifespan is the caller's; yield the port."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.ensure_future(server._serve())
    async with asyncio.timeout(START_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


class SocketClient(asyncio.Protocol):
    """One stream over a connection of its own; keeps what it was sent."""

    def __init__(self, path: str, headers: str = "") -> None:
        self.received = b""
        self._request = f"GET {path} HTTP/1.1\r\nHost: origin.test\r\n{headers}\r\n".encode()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Keep what comes."""
        self.received += data

    def close(self) -> None:
        """Hang up."""
        if self.transport is not None:
            self.transport.close()
