"""The store: one transaction per write, all of it or nothing, whoever else writes to the same database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from flaghoist.errors import InputError, NotFound
from flaghoist.model.flags import FlagSet, SnapshotVersion
from flaghoist_origin.storage.database.records import SYSTEM, Change, EntityChange, EnvironmentRecord
from flaghoist_origin.storage.store import Store
from tests.builders import a_flag
from tests.origin.an_origin import START_MS, StandingClock, store_in
from tests.origin.databases import make_database

pytestmark = pytest.mark.anyio
ENV = "production"


@pytest.fixture
async def store(anyio_backend: str, tmp_path: Path) -> AsyncIterator[Store]:
    await make_database(tmp_path)
    opened = store_in(tmp_path, StandingClock())
    await opened.migrate()
    await opened.create_environment(ENV)
    yield opened
    await opened.close()


def adds(key: str) -> Any:
    """Return an edit that adds one flag to whatever is committed."""

    def decide(record: EnvironmentRecord) -> Change:
        flag = a_flag(key).version(1).build()
        entity = EntityChange("flags", key, "created", None, flag)
        return Change(FlagSet(flags={**record.flagset.flags, key: flag}), (entity,))

    return decide


async def contents(store: Store) -> object:
    page = await store.audit(ENV, limit=100)
    return await store.load(ENV), await store.pending(ENV), [entry.id for entry in page.entries]


async def test_create_environment__new__is_empty_at_one_zero(store: Store) -> None:
    record = await store.load(ENV)

    assert (record.snapshot_version, record.flagset) == (SnapshotVersion(1, 0), FlagSet())
    assert [row.version for row in await store.pending(ENV)] == [0]
    assert await store.create_environment(ENV) is False


@pytest.mark.parametrize("name", ["", "Production", "a_b", "x" * 65, "a\n"])
async def test_create_environment__malformed_name__refused(store: Store, name: str) -> None:
    with pytest.raises(InputError):
        await store.create_environment(name)


async def test_load__unknown__not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.load("nowhere")


async def test_commit__change__as_loaded(store: Store) -> None:
    committed = await store.commit(ENV, adds("a"), SYSTEM)

    assert committed.is_changed
    assert await store.load(ENV) == committed.record
    assert [row.version for row in await store.pending(ENV)] == [0, 1]


async def test_commit__no_change__writes_nothing(store: Store) -> None:
    before = await contents(store)

    committed = await store.commit(ENV, lambda record: Change(record.flagset, ()), SYSTEM)

    assert not committed.is_changed
    assert await contents(store) == before


async def test_commit__edit_raises__leaves_nothing(store: Store) -> None:
    before = await contents(store)

    def fail(_: EnvironmentRecord) -> Change:
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await store.commit(ENV, fail, SYSTEM)
    assert await contents(store) == before


@pytest.mark.parametrize("table", ["documents", "outbox", "audit", "version_log"])
async def test_commit__crash_at_any_statement__leaves_nothing(store: Store, table: str) -> None:
    before = await contents(store)

    def crash(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith(f"INSERT INTO {table}"):
            raise RuntimeError("the process dies here")

    engine = store._database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", crash)
    with pytest.raises(RuntimeError):
        await store.commit(ENV, adds("a"), SYSTEM)
    event.remove(engine, "before_cursor_execute", crash)

    assert await contents(store) == before
    assert (await store.commit(ENV, adds("a"), SYSTEM)).version == 1


async def test_commit__many_at_once__each_sees_the_one_before(store: Store) -> None:
    await asyncio.gather(*(store.commit(ENV, adds(f"f{n}"), SYSTEM) for n in range(10)))

    record = await store.load(ENV)
    assert record.version == 10
    assert len(record.flagset.flags) == 10


async def test_commit__two_origins_one_database__no_write_is_lost(store: Store, tmp_path: Path) -> None:
    other = store_in(tmp_path, StandingClock())
    held = await other.load(ENV)
    await store.commit(ENV, adds("a"), SYSTEM, held)

    committed = await other.commit(ENV, adds("b"), SYSTEM, held)
    await other.close()

    assert sorted(committed.record.flagset.flags) == ["a", "b"]
    assert committed.version == 2


async def test_commit__clock_goes_back__commit_times_still_grow(store: Store) -> None:
    clock = store._clock
    assert isinstance(clock, StandingClock)
    first = await store.commit(ENV, adds("a"), SYSTEM)
    clock.advance(-3600)

    second = await store.commit(ENV, adds("b"), SYSTEM)

    assert second.committed_at_ms > first.committed_at_ms


async def test_load__only_keys_changed__takes_the_rest_from_what_is_held(store: Store) -> None:
    held = (await store.commit(ENV, adds("a"), SYSTEM)).record

    record = await store.load(ENV, held)

    assert record == held
    assert record.flagset is held.flagset


async def test_raise_epoch__at_least__version_goes_on(store: Store) -> None:
    await store.commit(ENV, adds("a"), SYSTEM)

    assert await store.raise_epoch(ENV, 1) == SnapshotVersion(2, 2)
    assert await store.raise_epoch(ENV, 7) == SnapshotVersion(7, 3)
    assert (await store.load(ENV)).snapshot_version == SnapshotVersion(7, 3)
    assert [entry.action for entry in (await store.audit(ENV, limit=2)).entries] == ["epoch_raised"] * 2


async def test_mark_published__clears_up_to_it(store: Store) -> None:
    for key in "abc":
        await store.commit(ENV, adds(key), SYSTEM)

    await store.mark_published(ENV, 1, 2, START_MS)

    assert [row.version for row in await store.pending(ENV)] == [3]
    assert await store.published(ENV) == SnapshotVersion(1, 2)
    await store.mark_published(ENV, 1, 1, START_MS)
    assert await store.published(ENV) == SnapshotVersion(1, 2)


async def test_lease__taken__excludes_others_until_it_ends(store: Store) -> None:
    clock = store._clock
    assert isinstance(clock, StandingClock)
    assert await store.take_lease(ENV, "a", 500)
    clock.advance(0.4)
    assert not await store.take_lease(ENV, "b", 500)
    assert await store.take_lease(ENV, "a", 500)
    clock.advance(0.499)
    assert not await store.take_lease(ENV, "b", 500)
    clock.advance(0.001)
    assert await store.take_lease(ENV, "b", 500)
    await store.release_lease(ENV, "a")
    assert not await store.take_lease(ENV, "a", 500)
    await store.release_lease(ENV, "b")
    assert await store.take_lease(ENV, "a", 500)


async def test_lease__many_at_once__one_has_it(store: Store) -> None:
    taken = await asyncio.gather(*(store.take_lease(ENV, str(n), 500) for n in range(5)))

    assert sum(taken) == 1


async def test_shards__named__stale_by_their_last_naming(store: Store) -> None:
    await store.name_shards(ENV, ["a", "b", "b"], 10)
    await store.name_shards(ENV, ["b", "c"], 20)

    assert await store.stale_shards(ENV, 10) == ()
    assert await store.stale_shards(ENV, 11) == ("a",)
    assert await store.stale_shards(ENV, 21) == ("a", "b", "c")
    await store.forget_shards(ENV, ["a", "c", "none"])
    assert await store.stale_shards(ENV, 21) == ("b",)
