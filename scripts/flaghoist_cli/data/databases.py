"""The database that a command uses directly: as configured, else that of the local stack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.migrate import migrate


def database_url(given: str, data_dir: Path) -> str:
    """Return the URL of the database: ``given``, else that of the SQLite file in the data folder."""
    return Settings(data_dir=str(data_dir), database_url=given).url


@asynccontextmanager
async def migrated(url: str) -> AsyncIterator[Database]:
    """Open the database at ``url`` with its schema up to date."""
    database = Database(url)
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()
