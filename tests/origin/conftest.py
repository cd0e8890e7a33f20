"""Fixtures of the origin's tests: every test that names a folder runs once on SQLite and once on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from flaghoist_origin.runtime.clock import SystemClock
from flaghoist_origin.storage.store import Store
from tests.origin.an_origin import AnOrigin, Prepared, an_origin, prepare
from tests.origin.databases import forget_postgres, postgres_of, use_postgres
from tests.servers.databases import Databases
from tests.servers.postgres import PostgresServer

TEMPLATE = "flaghoist_template"


@pytest.fixture(scope="session")
def databases(postgres: PostgresServer) -> Databases:
    """Return the databases of the shared server; new ones have all tables."""
    asyncio.run(_make_template(postgres))
    return Databases(postgres, TEMPLATE)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.process)])
def tmp_path(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Return a folder whose database is of either kind."""
    if request.param == "sqlite":
        yield tmp_path
        return
    use_postgres(tmp_path, request.getfixturevalue("databases"))
    yield tmp_path
    asyncio.run(forget_postgres(tmp_path))


@pytest.fixture
def on_postgres(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder whose database is PostgreSQL: for what SQLite cannot have."""
    folder = tmp_path_factory.mktemp("postgres")
    use_postgres(folder, databases)
    yield folder
    asyncio.run(forget_postgres(folder))


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Make the SQLite file that tests start from, once."""
    return asyncio.run(prepare(tmp_path_factory.mktemp("prepared")))


@pytest.fixture(scope="session")
def prepared_postgres(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Prepared:
    """Make the PostgreSQL database that tests start from, once."""
    folder = tmp_path_factory.mktemp("prepared")
    use_postgres(folder, databases)
    return asyncio.run(prepare(folder))


@pytest.fixture
def prepared(request: pytest.FixtureRequest, tmp_path: Path) -> Prepared:
    """Return the database that tests start from."""
    kind = "postgres" if postgres_of(tmp_path) else "sqlite"
    found: Prepared = request.getfixturevalue(f"prepared_{kind}")
    return found


@pytest.fixture
async def origin(anyio_backend: str, prepared: Prepared, tmp_path: Path) -> AsyncIterator[AnOrigin]:
    """Start an origin for one test."""
    async with an_origin(tmp_path, prepared=prepared) as started:
        yield started


async def _make_template(postgres: PostgresServer) -> None:
    connection = await asyncpg.connect(postgres.url())
    await connection.execute(f"CREATE DATABASE {TEMPLATE}")
    await connection.close()
    store = Store(postgres.url(TEMPLATE), SystemClock())
    try:
        await store.migrate()
    finally:
        await store.close()
