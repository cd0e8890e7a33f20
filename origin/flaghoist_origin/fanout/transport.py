"""What carries hints between origins; a transport need not be reliable, only say when it is lost."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

Hear = Callable[[str | bytes], None]


class FanoutLost(Exception):
    """The transport cannot be reached, or no longer."""


class FanoutChannel(Protocol):
    """A connection that hears and can speak; both methods raise FanoutLost."""

    async def send(self, message: str) -> None:
        """Say ``message`` to everybody who listens, ourselves perhaps included."""

    async def listen(self) -> None:
        """Hear messages until the connection is lost, which is raised."""


class Transport(Protocol):
    """A way to reach the other origins."""

    name: str

    def connect(self, hear: Hear) -> AbstractAsyncContextManager[FanoutChannel]:
        """Open a channel that gives each message to ``hear``; raise FanoutLost."""
