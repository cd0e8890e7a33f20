"""Take the database away from a running origin."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.origin.an_origin import AnOrigin
from tests.origin.databases import FILE, postgres_of


async def lose_database(origin: AnOrigin) -> None:
    """Let every further query fail: the tables are gone, or the server takes no connection."""
    if found := postgres_of(origin.folder):
        await found[0].cut_off(found[1])
    else:
        await asyncio.to_thread(_rename_tables, origin.folder / FILE)


def _rename_tables(file: Path) -> None:
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("ALTER TABLE environments RENAME TO lost_environments")
        raw.execute("ALTER TABLE outbox RENAME TO lost_outbox")
        raw.commit()
