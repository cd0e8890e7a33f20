"""The database and KV that a command uses directly: as configured, else those of the local stack."""

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from flaghoist.snapshot.manifest import decode_manifest, manifest_key
from flaghoist_cli.client.target import read_running
from flaghoist_cli.data.settings import local_settings
from flaghoist_origin.kv.client import CloudflareKv
from flaghoist_origin.settings.settings import Settings, read_settings
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.migrate import migrate


def database_url(given: str, data_dir: Path) -> str:
    """Return the URL of the database: ``given``, else that of the SQLite file in the data folder."""
    return Settings(data_dir=str(data_dir), database_url=given).url


@asynccontextmanager
async def migrated(url: str) -> AsyncIterator[Database]:
    """Open the database at ``url`` with its schema up to date."""
    database = Database(url)
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


async def kv_epochs(data_dir: Path, environments: Iterable[str]) -> Mapping[str, int] | None:
    """Return the epochs in KV by environment; None if no KV is configured on this machine."""
    settings = _kv_settings(data_dir)
    if settings is None:
        return None
    kv = CloudflareKv(settings)
    try:
        found = {name: await kv.get(manifest_key(name)) for name in environments}
    finally:
        await kv.aclose()
    return {name: decode_manifest(data).epoch for name, data in found.items() if data is not None}


def _kv_settings(data_dir: Path) -> Settings | None:
    if "FLAGHOIST_KV_NAMESPACE" in os.environ:
        return read_settings()
    running = read_running(data_dir)
    return local_settings(data_dir, origin_url=running.origin, kv_url=running.kv) if running else None
