"""An origin that catches up with another reads what has changed, and arrives where a whole reading would."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from flaghoist.model.flags import FlagSet
from flaghoist_origin.storage.database.records import SYSTEM, Change, EntityChange, EnvironmentRecord
from flaghoist_origin.storage.database.tables import VERSION_LOG
from flaghoist_origin.storage.history import catching_up
from flaghoist_origin.storage.store import Store
from tests.builders import a_flag
from tests.origin.an_origin import StandingClock, store_in
from tests.origin.databases import make_database

pytestmark = pytest.mark.anyio
ENV = "production"


@pytest.fixture
async def store(anyio_backend: str, tmp_path: Path) -> AsyncIterator[Store]:
    await make_database(tmp_path)
    opened = store_in(tmp_path, StandingClock())
    await opened.migrate()
    await opened.create_environment(ENV)
    await opened.commit(ENV, puts("stays", 1), SYSTEM)
    await opened.commit(ENV, puts("changes", 1), SYSTEM)
    yield opened
    await opened.close()


def puts(key: str, version: int) -> Any:
    """Return an edit that writes one flag."""

    def decide(record: EnvironmentRecord) -> Change:
        before, flag = record.flagset.flags.get(key), a_flag(key).version(version).build()
        change = EntityChange("flags", key, "updated" if before else "created", before, flag)
        return Change(FlagSet(flags={**record.flagset.flags, key: flag}), (change,))

    return decide


def removes(key: str) -> Any:
    """Return an edit that removes one flag."""

    def decide(record: EnvironmentRecord) -> Change:
        flags = dict(record.flagset.flags)
        return Change(FlagSet(flags=flags), (EntityChange("flags", key, "removed", flags.pop(key), None),))

    return decide


async def caught_up(store: Store, held: EnvironmentRecord) -> EnvironmentRecord:
    record = await store.load(ENV, held)
    assert record == await store.load(ENV)
    assert list(record.flagset.flags) == sorted(record.flagset.flags)
    return record


async def test_load__others_wrote__reads_what_they_changed_alone(store: Store) -> None:
    held = await store.load(ENV)
    await store.commit(ENV, puts("changes", 2), SYSTEM)
    await store.commit(ENV, puts("added", 1), SYSTEM)

    record = await caught_up(store, held)

    assert record.flagset.flags["stays"] is held.flagset.flags["stays"]
    assert record.flagset.flags["changes"].version == 2


async def test_load__removed_and_written_again__knows_both(store: Store) -> None:
    held = await store.load(ENV)
    await store.commit(ENV, removes("changes"), SYSTEM)
    gone = await caught_up(store, held)
    await store.commit(ENV, puts("changes", 2), SYSTEM)

    assert gone.retired == {"flags/changes": 1}
    assert (await caught_up(store, gone)).retired == {}


async def test_load__log_with_a_gap__reads_everything(store: Store) -> None:
    held = await store.load(ENV)
    await store.commit(ENV, puts("changes", 2), SYSTEM)
    async with store._database.writing() as connection:
        await connection.execute(delete(VERSION_LOG).where(VERSION_LOG.c.version == held.version + 1))

    record = await caught_up(store, held)

    assert record.flagset.flags["stays"] is not held.flagset.flags["stays"]


async def test_load__another_epoch__reads_everything(store: Store) -> None:
    held = await store.load(ENV)
    await store.raise_epoch(ENV, 2)

    assert (await caught_up(store, held)).flagset.flags["stays"] is not held.flagset.flags["stays"]


@pytest.mark.parametrize(("limit", "name"), [(1, "MOST_VERSIONS"), (1, "MOST_DOCUMENTS")])
async def test_load__too_much_happened__reads_everything(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: int, name: str
) -> None:
    held = await store.load(ENV)
    await store.commit(ENV, puts("changes", 2), SYSTEM)
    await store.commit(ENV, puts("added", 1), SYSTEM)
    monkeypatch.setattr(catching_up, name, limit)

    assert (await caught_up(store, held)).flagset.flags["stays"] is not held.flagset.flags["stays"]
