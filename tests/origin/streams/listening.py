"""A client of `/v1/stream` without a network: what it was sent, as events; it can stop reading and go away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import Message

from tests.origin.an_origin import AnOrigin

PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Heard:
    """One event of a stream."""

    id: str
    event: str
    data: Any


def parse(text: str) -> list[Heard]:
    """Return the events of a stream, as far as it goes; blocks without data are none."""
    found = []
    for block in text.split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append(Heard(fields["id"], fields["event"], json.loads(fields["data"])))
    return found


class Listener:
    """One open stream."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.text = ""
        self.pieces: list[int] = []
        self.is_complete = False
        self.reads = asyncio.Event()
        self.reads.set()
        self.gone = asyncio.Event()
        self._changed = asyncio.Event()

    @property
    def events(self) -> list[Heard]:
        """Return what was heard so far."""
        return parse(self.text)

    @property
    def ids(self) -> list[str]:
        """Return the ids of the events that were heard so far."""
        return [heard.id for heard in self.events]

    async def heard(self, count: int) -> list[Heard]:
        """Return the events once there are so many of them."""
        await self.until(lambda: len(self.events) >= count)
        return self.events

    async def completed(self) -> None:
        """Return once the origin has ended the stream."""
        await self.until(lambda: self.is_complete)

    async def until(self, is_so: Callable[[], object]) -> None:
        """Return once it is so; it is looked at after everything that was sent."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()

    async def receive(self) -> Message:
        """Bring the request, and the client's going away."""
        if self.status == 0 and not self.gone.is_set():
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take what is sent, unless the client does not read."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            await self.reads.wait()
            self.text += message["body"].decode()
            self.pieces.append(len(message["body"]))
            self.is_complete = not message.get("more_body", False)
        self._changed.set()


@asynccontextmanager
async def listening(
    origin: AnOrigin, kind: str = "server", query: str = "", *, last: str = "", in_url: bool = False, key: str = ""
) -> AsyncIterator[Listener]:
    """Open a stream and yield it once it is answered; at the end the client goes away."""
    listener = Listener()
    text = key or origin.keys[kind]
    headers = {} if in_url else {"authorization": f"Bearer {text}"}
    headers |= {"last-event-id": last} if last else {}
    parts = [*([f"key={text}"] if in_url else []), *([query] if query else [])]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/stream",
        "raw_path": b"/v1/stream",
        "query_string": "&".join(parts).encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    task = asyncio.ensure_future(origin.app(scope, listener.receive, listener.send))
    try:
        await listener.until(lambda: listener.text or listener.is_complete)
        yield listener
    finally:
        listener.reads.set()
        listener.gone.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await task
