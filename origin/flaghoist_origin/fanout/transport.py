"""Transports for hints between origins; a transport may lose messages, but must report when it is disconnected."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

Receive = Callable[[str | bytes], None]
"""Takes one message; does not raise."""


class FanoutLost(Exception):
    """The transport cannot be reached, or is disconnected."""


class FanoutChannel(Protocol):
    """A connection that receives and sends; both methods raise FanoutLost."""

    async def send(self, message: str) -> None:
        """Send ``message`` to all listeners, possibly including this origin."""

    async def listen(self) -> None:
        """Receive messages until the connection is lost, which is raised."""


class Transport(Protocol):
    """A way to reach the other origins."""

    name: str

    def connect(self, receive: Receive) -> AbstractAsyncContextManager[FanoutChannel]:
        """Open a channel that passes each message to ``receive``; raise FanoutLost."""
