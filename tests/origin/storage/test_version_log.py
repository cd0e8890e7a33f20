"""The version log: one row per version, in order and without gaps, pruned by age but never below a number."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flaghoist.model.flags import Flag, SnapshotVersion
from flaghoist_origin.storage.database.records import SYSTEM, Change, EntityChange, EnvironmentRecord
from flaghoist_origin.storage.store import Store
from tests.builders import a_flag
from tests.origin.an_origin import START_MS, StandingClock, store_in
from tests.origin.databases import make_database

pytestmark = pytest.mark.anyio
ENV = "production"
HOUR_MS = 3_600_000


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def store(anyio_backend: str, tmp_path: Path, clock: StandingClock) -> AsyncIterator[Store]:
    await make_database(tmp_path)
    opened = store_in(tmp_path, clock)
    await opened.migrate()
    await opened.create_environment(ENV)
    yield opened
    await opened.close()


def sets(flag: Flag | None, key: str = "a") -> Any:
    """Return an edit that puts or removes one flag."""

    def decide(record: EnvironmentRecord) -> Change:
        before = record.flagset.flags.get(key)
        kept = {name: each for name, each in record.flagset.flags.items() if name != key}
        flags = kept if flag is None else {**kept, key: flag}
        action = "created" if before is None else "removed" if flag is None else "updated"
        change = EntityChange("flags", key, action, before, flag)
        return Change(msgspec.structs.replace(record.flagset, flags=flags), (change,))

    return decide


async def commit(store: Store, count: int) -> None:
    for number in range(count):
        await store.commit(ENV, sets(a_flag("a").version(number + 1).build()), SYSTEM)


async def versions(store: Store, after: int, epoch: int = 1, limit: int = 100) -> list[int]:
    return [row.version.version for row in await store.versions_after(ENV, SnapshotVersion(epoch, after), limit)]


async def test_log__commits__rows_in_order_up_to_the_limit(store: Store) -> None:
    await commit(store, 5)

    assert await versions(store, 0) == [1, 2, 3, 4, 5]
    assert await versions(store, 3) == [4, 5]
    assert await versions(store, 0, limit=2) == [1, 2]
    assert await versions(store, 5) == []
    assert await versions(store, 9) == []


async def test_log__change__documents_actions_and_visibility(store: Store) -> None:
    shown, hidden = a_flag("a").version(1).client_visible().build(), a_flag("a").version(2).build()
    for flag in (shown, hidden, None):
        await store.commit(ENV, sets(flag), SYSTEM)
    await store.commit(ENV, sets(hidden), SYSTEM)

    rows = await store.versions_after(ENV, SnapshotVersion(1, 0))

    (created, updated, removed, again) = (row.changes[0] for row in rows)
    assert [each.action for each in (created, updated, removed, again)] == ["created", "updated", "removed", "created"]
    assert [each.visible for each in (created, updated, removed, again)] == [True, True, False, False]
    assert bytes(created.document) == msgspec.json.encode(shown)
    assert [each.is_removal for each in (created, updated, removed)] == [False, False, True]
    assert rows[0].committed_at_ms == (START_MS + 1)


async def test_log__large_documents__few_at_once_but_at_least_one(store: Store) -> None:
    for size in (10, 400_000, 400_000, 400_000, 2_000_000, 10):
        flag = a_flag("a").version(size).described(description="x" * size).build()
        await store.commit(ENV, sets(flag), SYSTEM)

    assert await versions(store, 0) == [1, 2, 3]
    assert await versions(store, 3) == [4]
    assert await versions(store, 4) == [5]
    assert await versions(store, 5) == [6]


async def test_log__edit_without_change__no_row(store: Store) -> None:
    await store.commit(ENV, lambda record: Change(record.flagset, ()), SYSTEM)

    assert await versions(store, 0) == []


async def test_log__raised_epoch__begins_anew(store: Store) -> None:
    await commit(store, 2)
    await store.raise_epoch(ENV, 1)
    await commit(store, 1)

    assert await versions(store, 0, epoch=1) == [1, 2]
    assert await versions(store, 3, epoch=2) == [4]
    assert await versions(store, 0, epoch=2) == []
    (row,) = await store.versions_after(ENV, SnapshotVersion(2, 2), 1)
    assert row.changes == ()


async def test_log__pruned__keeps_a_day_and_a_number(store: Store, clock: StandingClock) -> None:
    await commit(store, 6)
    clock.advance(2 * 3600)
    await commit(store, 2)
    cutoff_ms = clock.now_ms() - HOUR_MS

    assert await store.prune_versions(ENV, SnapshotVersion(1, 8), cutoff_ms, keep=5) == 3
    assert await versions(store, 3) == [4, 5, 6, 7, 8]
    assert await versions(store, 2) == []
    assert await store.prune_versions(ENV, SnapshotVersion(1, 8), cutoff_ms, keep=1) == 3
    assert await versions(store, 6) == [7, 8]
    assert await store.prune_versions(ENV, SnapshotVersion(1, 8), cutoff_ms, keep=1) == 0


async def test_log__pruned_in_a_later_epoch__keeps_nothing_old_of_the_one_before(
    store: Store, clock: StandingClock
) -> None:
    await commit(store, 3)
    clock.advance(2 * 3600)
    await store.raise_epoch(ENV, 2)
    cutoff_ms = clock.now_ms() - HOUR_MS

    assert await store.prune_versions(ENV, SnapshotVersion(2, 4), cutoff_ms, keep=1_000) == 3
    assert await versions(store, 3, epoch=2) == [4]
