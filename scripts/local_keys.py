"""Keys made without the API: straight in the database, for the first admin key and for the local stack."""

from pathlib import Path

import msgspec

from origin.clock import SystemClock
from origin.keys import IssuedKey, hash_of, issue
from origin.storage.store import Store
from scripts.secret_file import write_private
from scripts.target import KeyKind, LocalKeys, Role, keys_file, read_keys

NAME = "flaghoist dev"


async def issue_in_database(
    url: str, environment: str, kind: KeyKind, name: str, role: Role | None = None
) -> IssuedKey:
    """Create a key in the database at ``url``, creating its schema and the environment where they are missing.

    An admin key is its environment's owner unless ``role`` says otherwise.
    """
    store = Store(url, SystemClock())
    try:
        await store.migrate()
        await store.ensure_environment(environment)
        return await issue(store, environment, kind, name, role=role or ("owner" if kind == "admin" else None))
    finally:
        await store.close()


async def ensure_local_keys(data_dir: Path, url: str, environment: str) -> LocalKeys:
    """Return the keys in the data folder if the database knows them all; make new ones otherwise."""
    known = read_keys(data_dir)
    if known and await _are_valid(known, url, environment):
        return known
    made = {
        kind: (await issue_in_database(url, environment, kind, NAME)).text for kind in ("admin", "client", "server")
    }
    keys = LocalKeys(**made)
    write_private(keys_file(data_dir), msgspec.json.encode(keys))
    return keys


async def _are_valid(keys: LocalKeys, url: str, environment: str) -> bool:
    clock = SystemClock()
    store = Store(url, clock)
    try:
        await store.migrate()
        await store.ensure_environment(environment)
        record = await store.load(environment)
    finally:
        await store.close()
    valid = {key.hash for key in record.keys if key.is_valid(clock.now_ms())}
    return {hash_of(text) for text in (keys.admin, keys.client, keys.server)} <= valid
