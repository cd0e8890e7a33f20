"""Bring the database's schema up to date: at start, under the write lock, so that origins may start together."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from origin.storage.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(database: Database) -> None:
    """Apply every migration that ``database`` has not seen."""
    async with database.writing() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    command.upgrade(migration_config(connection), "head")


def migration_config(connection: Connection) -> Config:
    """Return the Alembic configuration that works on ``connection``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
