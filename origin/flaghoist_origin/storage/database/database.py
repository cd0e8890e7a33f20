"""Transactions: a reading one sees one state, a writing one commits everything or nothing."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncTransaction

from flaghoist_origin.settings.pool_limits import DEFAULT_LIMITS, PoolLimits
from flaghoist_origin.storage.database.engines import WRITES, create_engine, database_url
from flaghoist_origin.storage.database.outages import (
    OutcomeUnknown,
    is_away,
    raise_outcome_unknown,
    raise_unavailable,
    raise_unavailable_always,
)


class Database:
    """Opens transactions that either read one consistent state or write with the database's write lock held."""

    def __init__(self, url: str, limits: PoolLimits = DEFAULT_LIMITS) -> None:
        self.engine = create_engine(database_url(url), limits)
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that sees one state throughout; raises Unavailable."""
        async with self._transaction(nullcontext(), {}) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that commits at the end, and rolls back if an exception passes through.

        SQLite takes its write lock at once, so no other write can come between reads and writes; elsewhere the caller
        locks the rows that it decides upon and reads the rest after that. Raises Unavailable if nothing was written,
        OutcomeUnknown if the connection was lost while PostgreSQL committed.
        """
        # SQLite commits in this process and reports reliably whether it could.
        committing = nullcontext() if self.is_sqlite else raise_outcome_unknown()
        options: Mapping[str, object] = {WRITES: True} if self.is_sqlite else {"isolation_level": "READ COMMITTED"}
        async with self._transaction(committing, options) as connection:
            yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    @asynccontextmanager
    async def _transaction(
        self, committing: AbstractContextManager[None], options: Mapping[str, object]
    ) -> AsyncIterator[AsyncConnection]:
        with raise_unavailable():
            async with self._connection() as connection:
                await connection.execution_options(**options)
                transaction = await connection.begin()
                try:
                    yield connection
                    with committing:
                        await transaction.commit()
                except BaseException as error:
                    await _abandon(connection, transaction, error)
                    raise

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        with raise_unavailable_always():
            connection = await self.engine.connect()
        try:
            yield connection
        finally:
            await connection.close()


async def _abandon(connection: AsyncConnection, transaction: AsyncTransaction, error: BaseException) -> None:
    """Roll back; on a lost connection, which the server rolls back itself, do not wait for an answer."""
    if isinstance(error, OutcomeUnknown) or is_away(error):
        await connection.invalidate()
    elif transaction.is_active:
        await transaction.rollback()
