"""`flaghoist restore`: restore a backup into a database, with epochs above everything that edges may have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flaghoist_cli.commands.options import (
    comment_option,
    confirm,
    data_dir_option,
    database_option,
    dry_run_option,
    examples,
    json_option,
    yes_option,
)
from flaghoist_cli.installation.deferred import INSTALL_ORIGIN, DeferredModule
from flaghoist_cli.terminal.output import print_note, show

if TYPE_CHECKING:
    from flaghoist_cli.data import backups, databases, kv
    from flaghoist_origin.backups.document import Header
    from flaghoist_origin.backups.restoring import Restored
else:
    backups, databases, kv = (
        DeferredModule(f"flaghoist_cli.data.{name}", INSTALL_ORIGIN) for name in ("backups", "databases", "kv")
    )


@click.command(
    "restore",
    epilog=examples(
        "flaghoist restore flags-2027-01-31.backup --yes",
        "flaghoist restore nightly.backup --database-url postgresql+asyncpg://flaghoist@db/flaghoist --replace",
    ),
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@database_option
@data_dir_option
@click.option("--replace", "replaces", is_flag=True, help="Overwrite a database that is not empty.")
@click.option("--without-kv", is_flag=True, help="Do not read the epochs from KV.")
@yes_option
@comment_option
@dry_run_option
@json_option
def restore_file(
    *,
    path: Path,
    database: str,
    data_dir: Path,
    replaces: bool,
    without_kv: bool,
    yes: bool,
    comment: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Restore the environments of FILE into a database, all of them or none.

    Each gets an epoch above those of the file, the database and KV, so that edges accept it although its version is
    lower. KV is read if it is configured here as for the origin. An origin that runs on the database follows within a
    second.
    """
    header = backups.read_backup_header(path)
    url = databases.database_url(database, data_dir)
    if dry_run:
        show(header, [f"would restore {_described(header)}"], as_json=as_json)
        return
    names = [one.name for one in header.environments]
    epochs = None if without_kv else asyncio.run(kv.kv_epochs(data_dir, names))
    if epochs is None:
        print_note("KV was not read: if it is ahead, the origin reports it; then run `flaghoist recover`", "warning")
    confirm(f"Restore {_described(header)}?", yes=yes)
    restored = backups.restore_backup(url, path, epochs or {}, replaces=replaces, comment=comment)
    show(restored, _lines(restored), as_json=as_json)


def _described(header: Header) -> str:
    return ", ".join(f"{one.name} as of {one.epoch}-{one.version}" for one in header.environments)


def _lines(restored: Iterable[Restored]) -> list[str]:
    return [f"restored {one.environment} as of {one.was}, now {one.version}" for one in restored if not one.is_removed]
