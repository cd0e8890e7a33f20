"""Take the database away from a running origin."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.origin.an_origin import AnOrigin


async def lose_database(origin: AnOrigin) -> None:
    """Let every further query fail: the tables are gone."""
    await asyncio.to_thread(_rename_tables, Path(origin.services.settings.data_dir) / "origin.sqlite3")


def _rename_tables(file: Path) -> None:
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("ALTER TABLE environments RENAME TO lost_environments")
        raw.execute("ALTER TABLE outbox RENAME TO lost_outbox")
        raw.commit()
