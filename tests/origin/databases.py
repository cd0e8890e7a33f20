"""The database of a data folder: the SQLite file in it, or where `use_postgres` has left its mark a PostgreSQL one.

Folders decide, so that a test names one folder for what is one database, and runs unchanged on either.
"""

import shutil
from hashlib import sha256
from pathlib import Path

from tests.servers.databases import Databases

FILE = "origin.sqlite3"
_MARKED: dict[Path, Databases] = {}


def use_postgres(folder: Path, databases: Databases) -> None:
    """Let ``folder`` and all below it have PostgreSQL databases."""
    _MARKED[folder] = databases


async def forget_postgres(folder: Path) -> None:
    """Give back the databases of ``folder`` and all below it."""
    await _MARKED.pop(folder).release(_prefix(folder))


def postgres_of(folder: Path) -> tuple[Databases, str] | None:
    """Return the server and the name of the folder's database, None when it is a SQLite file."""
    for marked in (folder, *folder.parents):
        if marked in _MARKED:
            return _MARKED[marked], _prefix(marked) + sha256(bytes(folder)).hexdigest()[:12]
    return None


def url_in(folder: Path) -> str:
    """Return the setting that opens the folder's database: empty for the SQLite file."""
    found = postgres_of(folder)
    return found[0].url(found[1]) if found else ""


async def make_database(folder: Path) -> None:
    """Make the folder's database with its tables, unless it is there; SQLite makes its own."""
    if found := postgres_of(folder):
        await found[0].ensure(found[1])


async def copy_database(source: Path, target: Path) -> None:
    """Give ``target`` a copy of the database of ``source``, which nobody has open, unless it has one."""
    if (found := postgres_of(target)) and (original := postgres_of(source)):
        await found[0].ensure(found[1], original[1])
    elif not (target / FILE).exists():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / FILE, target / FILE)


def _prefix(folder: Path) -> str:
    return f"t{sha256(bytes(folder)).hexdigest()[:12]}_"
