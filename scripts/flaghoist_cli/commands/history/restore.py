"""`flaghoist restore`: restore a backup into a database, with epochs above everything that edges may have."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

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
from flaghoist_cli.data.databases import database_url, kv_epochs, migrated
from flaghoist_cli.terminal.output import say_aside, show
from flaghoist_origin.backups.document import Header, read_header
from flaghoist_origin.backups.restoring import AUTHOR, Restore, Restored, restore
from flaghoist_origin.runtime.clock import SystemClock


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
    header = read_header(path)
    url = database_url(database, data_dir)
    if dry_run:
        show(header, [f"would restore {_described(header)}"], as_json=as_json)
        return
    names = [one.name for one in header.environments]
    epochs = None if without_kv else asyncio.run(kv_epochs(data_dir, names))
    if epochs is None:
        say_aside("KV was not read: if it is ahead, the origin reports it; then run `flaghoist recover`", "warning")
    confirm(f"Restore {_described(header)}?", yes=yes)
    author = msgspec.structs.replace(AUTHOR, comment=comment)
    restored = asyncio.run(_restore(url, Restore(path, epochs or {}, replaces, author)))
    show(restored, _lines(restored), as_json=as_json)


async def _restore(url: str, wanted: Restore) -> tuple[Restored, ...]:
    async with migrated(url) as database:
        return await restore(database, wanted, SystemClock().now_ms())


def _described(header: Header) -> str:
    return ", ".join(f"{one.name} as of {one.epoch}-{one.version}" for one in header.environments)


def _lines(restored: Iterable[Restored]) -> list[str]:
    return [f"restored {one.environment} as of {one.was}, now {one.version}" for one in restored if not one.is_removed]
