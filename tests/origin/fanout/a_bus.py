"""A transport within one process, which keeps what was said and can be broken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from flaghoist_origin.fanout.transport import FanoutChannel, FanoutLost, Hear


@dataclass
class Bus:
    """What connects `BusTransport`s; ``is_broken`` ends and refuses all channels."""

    said: list[str] = field(default_factory=list)
    listeners: list[Hear] = field(default_factory=list)
    broken: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, message: str) -> None:
        self.said.append(message)
        for hear in list(self.listeners):
            hear(message)


@dataclass
class BusTransport:
    """One origin's way onto a bus."""

    bus: Bus
    name: str = "the bus"

    @asynccontextmanager
    async def connect(self, hear: Hear) -> AsyncIterator[FanoutChannel]:
        if self.bus.broken.is_set():
            raise FanoutLost("told to")
        self.bus.listeners.append(hear)
        try:
            yield self
        finally:
            self.bus.listeners.remove(hear)

    async def send(self, message: str) -> None:
        if self.bus.broken.is_set():
            raise FanoutLost("told to")
        self.bus.say(message)

    async def listen(self) -> None:
        await self.bus.broken.wait()
        raise FanoutLost("told to")
