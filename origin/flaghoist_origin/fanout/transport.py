"""What carries hints between origins; a transport need not be reliable, only say when it is lost."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

Receive = Callable[[str | bytes], None]
"""Takes one message; does not raise."""


class FanoutLost(Exception):
    """The transport cannot be reached, or no longer."""


class FanoutChannel(Protocol):
    """A connection that receives and sends; both methods raise FanoutLost."""

    async def send(self, message: str) -> None:
        """Send ``message`` to everybody who listens, ourselves perhaps included."""

    async def listen(self) -> None:
        """Receive messages until the connection is lost, which is raised."""


class Transport(Protocol):
    """A way to reach the other origins."""

    name: str

    def connect(self, receive: Receive) -> AbstractAsyncContextManager[FanoutChannel]:
        """Open a channel that gives each message to ``receive``; raise FanoutLost."""
