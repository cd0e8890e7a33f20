"""Engines by database URL: SQLite tuned for one writer and many readers, PostgreSQL with bounded waits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from flaghoist.errors import InputError
from flaghoist_origin.settings.pool_limits import PoolLimits

BUSY_TIMEOUT_MS = 10_000
IDLE_IN_TRANSACTION_SECONDS = 20
WRITES = "flaghoist_writes"
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}")
DRIVERS: Mapping[str, str] = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def database_url(text: str) -> URL:
    """Return the URL with our driver; InputError if it does not name a supported database."""
    try:
        parsed = make_url(text)
        driver = DRIVERS[parsed.drivername]
    except (ArgumentError, KeyError, ValueError):
        raise InputError.at(
            "FLAGHOIST_DATABASE_URL", "must begin with postgresql:// or sqlite:///, as in postgresql://user@host/flags"
        ) from None
    return _libpq_terms(parsed.set(drivername=driver))


def create_engine(url: URL, limits: PoolLimits) -> AsyncEngine:
    """Return the engine of a URL that `database_url` has made."""
    return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url, limits)


def listening_engine(url: URL, limits: PoolLimits) -> AsyncEngine:
    """Return an engine for dedicated connections outside transactions, which wait for notifications."""
    arguments = _postgresql_arguments(limits)
    return create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments)


def _libpq_terms(url: URL) -> URL:
    """Convert the parameters of hosts' URLs to the driver's: ``sslmode`` becomes ``ssl``, and some are dropped."""
    terms = dict(url.query)
    mode = terms.pop("sslmode", None)
    terms.pop("channel_binding", None)
    return url.set(query={**terms, **({"ssl": mode} if mode else {})})


def _postgresql(url: URL, limits: PoolLimits) -> AsyncEngine:
    return create_async_engine(
        url,
        isolation_level="REPEATABLE READ",
        pool_size=limits.connections,
        max_overflow=0,
        pool_timeout=limits.connect_seconds,
        pool_pre_ping=True,
        pool_use_lifo=True,
        connect_args=_postgresql_arguments(limits),
    )


def _postgresql_arguments(limits: PoolLimits) -> dict[str, Any]:
    # A transaction whose origin has vanished must not hold the environment's lock until TCP notices.
    server_settings = {
        "application_name": "flaghoist",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
    }
    if limits.statement_seconds is not None:
        server_settings["statement_timeout"] = f"{round(limits.statement_seconds * 1000)}ms"
    return {
        "timeout": limits.connect_seconds,
        "command_timeout": limits.statement_seconds,
        "server_settings": server_settings,
    }


def _sqlite(url: URL) -> AsyncEngine:
    if url.database:
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_async_engine(url)
    event.listen(engine.sync_engine, "connect", _tune_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # We send BEGIN ourselves: the driver's own comes too late to cover reads
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
