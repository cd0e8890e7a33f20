"""Hints over PostgreSQL's LISTEN and NOTIFY, on a separate connection: no further service is needed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist_origin.fanout.transport import FanoutChannel, FanoutLost, Receive
from flaghoist_origin.settings.pool_limits import PoolLimits
from flaghoist_origin.storage.database.engines import database_url, listening_engine

CHECK_SECONDS = 5.0
NOTIFY = text("SELECT pg_notify(:channel, :message)")
ALIVE = text("SELECT 1")


class PostgresFanout:
    """`Transport` through the database at ``url``, to all listeners of ``channel`` in it."""

    name = "PostgreSQL"

    def __init__(self, url: str, limits: PoolLimits, channel: str, *, check_seconds: float = CHECK_SECONDS) -> None:
        self._url, self._limits = database_url(url), limits
        self._channel, self._check_seconds = channel, check_seconds

    @asynccontextmanager
    async def connect(self, receive: Receive) -> AsyncIterator[FanoutChannel]:
        """Open a connection that listens."""
        engine = listening_engine(self._url, self._limits)
        try:
            with _raise_lost():
                connection = await engine.connect()
            try:
                with _raise_lost():
                    driver: Any = (await connection.get_raw_connection()).driver_connection
                    await driver.add_listener(self._channel, lambda _, __, ___, payload: receive(payload))
                yield _Conversation(connection, driver, self._channel, self._check_seconds)
            finally:
                # It may be half open, and nobody else uses it: skip the clean shutdown, which could take long.
                await connection.invalidate()
                await connection.close()
        finally:
            await engine.dispose()


class _Conversation:
    def __init__(self, connection: AsyncConnection, driver: Any, channel: str, check_seconds: float) -> None:
        self._connection, self._channel, self._check_seconds = connection, channel, check_seconds
        self._turn = asyncio.Lock()
        self._is_over = asyncio.Event()
        driver.add_termination_listener(lambda _: self._is_over.set())

    async def send(self, message: str) -> None:
        await self._execute(NOTIFY, {"channel": self._channel, "message": message})

    async def listen(self) -> None:
        """Send a query now and then: a half-open connection receives nothing and does not end."""
        while True:
            try:
                async with asyncio.timeout(self._check_seconds):
                    await self._is_over.wait()
                raise FanoutLost("the connection was closed")
            except TimeoutError:
                await self._execute(ALIVE, {})

    async def _execute(self, statement: Any, parameters: dict[str, str]) -> None:
        with _raise_lost():
            async with self._turn:
                await self._connection.execute(statement, parameters)


@contextmanager
def _raise_lost() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise FanoutLost(str(error).partition("\n")[0] or type(error).__name__) from error
