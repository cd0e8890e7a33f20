"""Connections: which URLs there are, and what is set on a connection of either kind."""

from pathlib import Path

import pytest

from flaghoist.errors import InputError
from flaghoist_origin.settings.pool_limits import PoolLimits
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.engines import IDLE_IN_TRANSACTION_SECONDS, database_url
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h:5/d", "postgresql+asyncpg://u:p@h:5/d"),
        ("postgresql://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("postgres://u@h/d?sslmode=require&channel_binding=require", "postgresql+asyncpg://u@h/d?ssl=require"),
        ("sqlite:///a.sqlite3", "sqlite+aiosqlite:///a.sqlite3"),
        ("sqlite+aiosqlite:////a.sqlite3", "sqlite+aiosqlite:////a.sqlite3"),
    ],
)
def test_url__as_hosts_write_it__understood(given: str, used: str) -> None:
    assert database_url(given).render_as_string(hide_password=False) == used


@pytest.mark.parametrize("given", ["", "mysql://h/d", "nonsense", "postgresql+psycopg://h/d", "postgres://h:x/d"])
def test_url__of_no_database_we_use__names_the_setting(given: str) -> None:
    with pytest.raises(InputError, match="FLAGHOIST_DATABASE_URL"):
        database_url(given)


async def test_sqlite__connection__is_tuned(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'plain.sqlite3'}")
    async with database.reading() as connection:
        modes = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        ]
    await database.close()

    assert modes == ["wal", 1, 2, 10_000]


async def test_postgresql__connection__waits_for_nothing_without_end(postgres: PostgresServer) -> None:
    database = Database(postgres.url(), PoolLimits(statement_seconds=2.5))
    names = ("statement_timeout", "idle_in_transaction_session_timeout", "application_name", "transaction_isolation")
    async with database.reading() as connection:
        read = [(await connection.exec_driver_sql(f"SHOW {name}")).scalar_one() for name in names]
    async with database.writing() as connection:
        isolation = (await connection.exec_driver_sql("SHOW transaction_isolation")).scalar_one()
    await database.close()

    assert read == ["2500ms", f"{IDLE_IN_TRANSACTION_SECONDS}s", "flaghoist", "repeatable read"]
    assert isolation == "read committed"
