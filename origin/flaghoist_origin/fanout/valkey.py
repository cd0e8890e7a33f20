"""Hints over publish and subscribe of Valkey or Redis: the only module that knows their client."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from flaghoist_origin.fanout.transport import FanoutChannel, FanoutLost, Receive

CONNECT_SECONDS = 3.0
CHECK_SECONDS = 5.0
SCHEMES = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss", "unix": "unix"}


class ValkeyFanout:
    """`Transport` through the server at ``url``, to all listeners of ``channel`` there."""

    name = "Valkey"

    def __init__(self, url: str, channel: str, *, check_seconds: float = CHECK_SECONDS) -> None:
        scheme, _, rest = url.partition("://")
        self._url = f"{SCHEMES[scheme]}://{rest}"
        self._channel, self._check_seconds = channel, check_seconds

    @asynccontextmanager
    async def connect(self, receive: Receive) -> AsyncIterator[FanoutChannel]:
        """Open one connection to send and one to listen; the caller reconnects, not the client library."""
        client = Redis.from_url(
            self._url,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=self._check_seconds,
            retry=Retry(NoBackoff(), 0),
        )
        subscription = client.pubsub()
        try:
            with _raise_lost():
                await subscription.subscribe(self._channel)
            yield _Conversation(client, subscription, self._channel, receive, self._check_seconds)
        finally:
            await subscription.aclose()  # type: ignore[no-untyped-call]
            await client.aclose()


class _Conversation:
    def __init__(self, client: Redis, subscription: Any, channel: str, receive: Receive, check_seconds: float) -> None:
        self._client, self._subscription, self._channel = client, subscription, channel
        self._receive, self._check_seconds = receive, check_seconds

    async def send(self, message: str) -> None:
        with _raise_lost():
            await self._client.publish(self._channel, message)

    async def listen(self) -> None:
        """Receive messages; after a silence check the connection, and treat a missing answer as a loss."""
        is_asked = False
        while True:
            with _raise_lost():
                message = await self._subscription.get_message(timeout=self._check_seconds)
                if message is None and is_asked:
                    raise FanoutLost(f"no answer within {self._check_seconds:g} s")
                if message is None:
                    await self._subscription.ping()
            is_asked = message is None
            if message and message["type"] == "message":
                self._receive(message["data"])


@contextmanager
def _raise_lost() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise FanoutLost(str(error) or type(error).__name__) from error
