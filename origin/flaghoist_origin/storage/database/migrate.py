"""Update the database's schema: at start, under one lock, so that several origins can start together."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from flaghoist_origin.storage.database.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number that no other user of the database locks; this one spells "flaghois".
LOCK = 0x666C6167686F6973


async def migrate(database: Database) -> None:
    """Apply every migration that ``database`` has not seen."""
    async with database.writing() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
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
