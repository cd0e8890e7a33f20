"""`flaghoist backup`: everything that must survive the loss of an origin's database, as one file."""

import asyncio
from pathlib import Path

import click
import msgspec

from flaghoist_cli.commands.options import data_dir_option, database_option, dry_run_option, examples, json_option
from flaghoist_cli.data.databases import database_url, migrated
from flaghoist_cli.terminal.output import counted, show
from flaghoist_origin.backups.document import Header
from flaghoist_origin.backups.making import back_up
from flaghoist_origin.runtime.clock import SystemClock


class BackedUp(msgspec.Struct, frozen=True):
    """The result: the file, its number of rows, and each environment with its version."""

    file: str
    rows: int
    environments: dict[str, str]


@click.command(
    "backup",
    epilog=examples(
        "flaghoist backup flags-2027-01-31.backup",
        "flaghoist backup nightly.backup --database-url postgresql+asyncpg://flaghoist@db/flaghoist",
    ),
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@database_option
@data_dir_option
@dry_run_option
@json_option
def backup(*, path: Path, database: str, data_dir: Path, dry_run: bool, as_json: bool) -> None:
    """Write flags, keys, environments and the audit log to FILE. The origin can keep running.

    Reads the database directly. FILE can be restored into SQLite or PostgreSQL; it contains keys only as hashes. It
    appears under its name when it is complete, and only its owner can read it.
    """
    url = database_url(database, data_dir)
    if dry_run:
        show({"file": str(path), "written": False}, [f"would write a backup to {path}"], as_json=as_json)
        return
    header, rows = asyncio.run(_back_up(url, path))
    made = BackedUp(str(path), rows, {one.name: f"{one.epoch}-{one.version}" for one in header.environments})
    told = ", ".join(f"{name} at {version}" for name, version in made.environments.items())
    show(made, [f"wrote {counted(rows, 'row')} to {path}: {told}"], as_json=as_json)


async def _back_up(url: str, path: Path) -> tuple[Header, int]:
    async with migrated(url) as database:
        return await back_up(database, path, SystemClock().now_ms())
