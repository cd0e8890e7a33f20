"""`flaghoist backup`: everything that must survive the loss of an origin's database, as one file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from flaghoist_cli.commands.options import data_dir_option, database_option, dry_run_option, examples, json_option
from flaghoist_cli.installation.deferred import INSTALL_ORIGIN, DeferredModule
from flaghoist_cli.terminal.output import counted, show

if TYPE_CHECKING:
    from flaghoist_cli.data import backups, databases
else:
    backups = DeferredModule("flaghoist_cli.data.backups", INSTALL_ORIGIN)
    databases = DeferredModule("flaghoist_cli.data.databases", INSTALL_ORIGIN)


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
    url = databases.database_url(database, data_dir)
    if dry_run:
        show({"file": str(path), "written": False}, [f"would write a backup to {path}"], as_json=as_json)
        return
    header, rows = backups.write_backup(url, path)
    made = BackedUp(str(path), rows, {one.name: f"{one.epoch}-{one.version}" for one in header.environments})
    versions = ", ".join(f"{name} at {version}" for name, version in made.environments.items())
    show(made, [f"wrote {counted(rows, 'row')} to {path}: {versions}"], as_json=as_json)
