"""A transport within one process, which keeps what was said and can be broken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from flaghoist_origin.fanout.transport import FanoutChannel, FanoutLost, Receive


@dataclass
class Bus:
    """What connects `BusTransport`s; ``is_broken`` ends and refuses all channels."""

    said: list[str] = field(default_factory=list)
    listeners: list[Receive] = field(default_factory=list)
    broken: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, message: str) -> None:
        self.said.append(message)
        for receive in list(self.listeners):
            receive(message)


@dataclass
class BusTransport:
    """One origin's way onto a bus."""

    bus: Bus
    name: str = "the bus"

    @asynccontextmanager
    async def connect(self, receive: Receive) -> AsyncIterator[FanoutChannel]:
        if self.bus.broken.is_set():
            raise FanoutLost("told to")
        self.bus.listeners.append(receive)
        try:
            yield self
        finally:
            self.bus.listeners.remove(receive)

    async def send(self, message: str) -> None:
        if self.bus.broken.is_set():
            raise FanoutLost("told to")
        self.bus.say(message)

    async def listen(self) -> None:
        await self.bus.broken.wait()
        raise FanoutLost("told to")
