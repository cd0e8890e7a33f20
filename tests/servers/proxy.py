"""A proxy before a server, in the test's own event loop: it cuts connections, at a word if need be, or falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.process import HOST

Cut = Literal["before", "after"]
CHUNK = 65_536


@dataclass
class Proxy:
    """Passes bytes to a server's ``port``.

    ``cut`` ends a connection when a client says ``word``, having said ``first``: "before" the server hears it, or
    "after" it has answered but before the client hears that. Both happen once. While ``is_silent``, nothing passes and
    nothing ends.
    """

    port: int
    first: bytes = b""
    word: bytes = b""
    cut: Cut | None = None
    is_silent: bool = False
    url_port: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_connection(HOST, self.port)
        self._writers |= {writer, server}
        ending = asyncio.Event()
        try:
            await asyncio.gather(self._ask(reader, server, ending), self._answer(answers, writer, ending))
        except ConnectionError:
            pass
        finally:
            for end in (writer, server):
                end.close()

    def close_all(self) -> None:
        """Cut all connections."""
        for writer in self._writers:
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, ending: asyncio.Event) -> None:
        is_first = False
        while data := await reader.read(CHUNK):
            is_first = self.cut is not None and (is_first or self.first in data)
            if self.cut and is_first and self.word in data:
                was, self.cut = self.cut, None
                ending.set()
                if was == "before":
                    raise ConnectionAbortedError
            await self._heard()
            server.write(data)
        server.close()

    async def _answer(self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter, ending: asyncio.Event) -> None:
        while data := await answers.read(CHUNK):
            if ending.is_set():
                raise ConnectionAbortedError
            await self._heard()
            writer.write(data)
        writer.close()

    async def _heard(self) -> None:
        while self.is_silent:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def proxy(port: int) -> AsyncIterator[Proxy]:
    """Serve a proxy before the server on ``port``."""
    made = Proxy(port)
    server = await asyncio.start_server(made.serve, HOST, 0)
    made.url_port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.is_silent = False
        made.close_all()
        server.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 1)
