"""Keys created without the API, directly in the database: the first admin key, and those of the local stack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from flaghoist_cli.client.target import KeyKind, LocalKeys, Role, keys_file, read_keys
from flaghoist_cli.files.secret_file import write_private
from flaghoist_origin.keys.key_secrets import hash_of
from flaghoist_origin.keys.keys import IssuedKey, issue
from flaghoist_origin.runtime.clock import SystemClock
from flaghoist_origin.storage.store import Store

NAME = "flaghoist dev"


async def issue_in_database(
    url: str, environment: str, kind: KeyKind, name: str, role: Role | None = None
) -> IssuedKey:
    """Create a key in the database at ``url``; create its schema and the environment if they are missing.

    An admin key becomes its environment's owner unless ``role`` is given.
    """
    async with _opened(url, environment) as store:
        return await _issue(store, environment, kind, name, role)


async def ensure_local_keys(data_dir: Path, url: str, environment: str) -> LocalKeys:
    """Return the keys in the data folder if the database knows them all; create new ones otherwise."""
    known = read_keys(data_dir)
    async with _opened(url, environment) as store:
        if known and await _are_valid(known, store, environment):
            return known
        made = {kind: (await _issue(store, environment, kind, NAME)).text for kind in ("admin", "client", "server")}
    keys = LocalKeys(**made)
    write_private(keys_file(data_dir), msgspec.json.encode(keys))
    return keys


async def _issue(store: Store, environment: str, kind: KeyKind, name: str, role: Role | None = None) -> IssuedKey:
    return await issue(store, environment, kind, name, role=role or ("owner" if kind == "admin" else None))


@asynccontextmanager
async def _opened(url: str, environment: str) -> AsyncIterator[Store]:
    """Open the database at ``url``; create its schema and the environment if they are missing."""
    store = Store(url, SystemClock())
    try:
        await store.migrate()
        await store.ensure_environment(environment)
        yield store
    finally:
        await store.close()


async def _are_valid(keys: LocalKeys, store: Store, environment: str) -> bool:
    record = await store.load(environment)
    now_ms = SystemClock().now_ms()
    valid = {key.hash for key in record.keys if key.is_valid(now_ms)}
    return {hash_of(text) for text in (keys.admin, keys.client, keys.server)} <= valid
