"""Backups of an origin's database, written and restored without the origin."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from flaghoist_cli.data.databases import migrated
from flaghoist_origin.backups.document import Header, read_header
from flaghoist_origin.backups.making import back_up
from flaghoist_origin.backups.restoring import AUTHOR, Restore, Restored, restore
from flaghoist_origin.runtime.clock import SystemClock


def write_backup(url: str, path: Path) -> tuple[Header, int]:
    """Write the database at ``url`` into the file; return the file's header and the number of its rows."""
    return asyncio.run(_write(url, path))


def read_backup_header(path: Path) -> Header:
    """Return what a backup says of its environments; raise what the origin raises for a file that is none."""
    return read_header(path)


def restore_backup(
    url: str, path: Path, kv_epochs: Mapping[str, int], *, replaces: bool, comment: str
) -> tuple[Restored, ...]:
    """Put the file into the database at ``url``, each environment under an epoch above the one in ``kv_epochs``."""
    author = msgspec.structs.replace(AUTHOR, comment=comment)
    return asyncio.run(_restore(url, Restore(path, kv_epochs, replaces, author)))


async def _write(url: str, path: Path) -> tuple[Header, int]:
    async with migrated(url) as database:
        return await back_up(database, path, SystemClock().now_ms())


async def _restore(url: str, wanted: Restore) -> tuple[Restored, ...]:
    async with migrated(url) as database:
        return await restore(database, wanted, SystemClock().now_ms())
