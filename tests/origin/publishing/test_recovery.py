"""KV ahead of the database: nothing is published until an operator decides, and then the epoch rises."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from flaghoist.model.flags import FlagSet, SnapshotVersion
from flaghoist.snapshot.manifest import Manifest
from flaghoist_origin.publishing.recovery import KvAhead, is_ahead
from flaghoist_origin.publishing.state import Phase
from flaghoist_origin.storage.database.records import EnvironmentRecord, Marks, OutboxRow
from tests.builders import a_flag
from tests.origin.a_publisher import ENVIRONMENT, HEARTBEAT_MS, AnAuthority, an_authority
from tests.origin.databases import copy_database
from tests.origin.fake_kv import FakeKv, Method

pytestmark = pytest.mark.anyio
READ_ONLY: frozenset[Method] = frozenset({"get"})


@pytest.fixture
async def restored(anyio_backend: str, tmp_path: Path) -> AsyncIterator[AnAuthority]:
    """Start an origin on a backup of version 1-1, where KV has got to 1-3."""
    kv = FakeKv()
    live, backup = tmp_path / "live", tmp_path / "backup"
    async with an_authority(live, kv) as before:
        await before.commit(a_flag("checkout"))
        await before.environment_publisher.publish_due()
        await before.store.close()
        await copy_database(live, backup)
        await before.commit(a_flag("checkout").on())
        await before.commit(a_flag("other"))
        await before.environment_publisher.publish_due()
    before.clock.advance(60)
    kv.forget_calls()
    async with an_authority(backup, kv, before.clock) as authority:
        yield authority


async def test_start__kv_ahead__refused_and_visible(restored: AnAuthority, caplog: pytest.LogCaptureFixture) -> None:
    restored.kv.allowed = READ_ONLY

    await restored.environment_publisher.publish_due()

    assert restored.environment_publisher.state.phase is Phase.REFUSED
    assert "KV holds production 1-3, which this database (at 1-1)" in restored.environment_publisher.state.detail
    assert "flaghoist recover" in caplog.text


async def test_refused__next_heartbeats__logged_once(restored: AnAuthority, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        await restored.environment_publisher.publish_due()
        restored.clock.advance(HEARTBEAT_MS / 1000)

    assert caplog.text.count("flaghoist recover") == 1


async def test_publish_now__kv_ahead__conflict(restored: AnAuthority) -> None:
    restored.kv.allowed = READ_ONLY

    with pytest.raises(KvAhead, match="flaghoist recover"):
        await restored.environment_publisher.publish_now()


async def test_refused__database_counts_past_kv__still_refused(restored: AnAuthority) -> None:
    restored.kv.allowed = READ_ONLY
    for number in range(4):
        version = await restored.commit(a_flag(f"after-restore-{number}"))

    await restored.environment_publisher.publish_due()

    assert version > restored.kv.manifest().snapshot_version
    assert restored.environment_publisher.state.phase is Phase.REFUSED


async def test_recover__kv_ahead__epoch_raised_and_published(restored: AnAuthority) -> None:
    report = await restored.environment_publisher.recover()

    assert report.version == SnapshotVersion(2, 2)
    assert report.was == SnapshotVersion(1, 3)
    assert restored.kv.manifest().snapshot_version == SnapshotVersion(2, 2)
    assert restored.kv.missing_shards() == set()
    assert [shard.count for shard in restored.kv.manifest().shards] == [1]
    assert await restored.store.pending(ENVIRONMENT) == ()
    assert restored.environment_publisher.state.phase is Phase.PUBLISHED


async def test_recover__then_commits__published_as_ever(restored: AnAuthority) -> None:
    await restored.environment_publisher.recover()

    version = await restored.commit(a_flag("checkout").on())
    await restored.environment_publisher.publish_due()

    assert restored.kv.manifest().snapshot_version == version == SnapshotVersion(2, 3)


async def test_recover__kv_not_ahead__published_in_the_same_epoch(tmp_path: Path) -> None:
    async with an_authority(tmp_path, FakeKv()) as authority:
        version = await authority.commit(a_flag("checkout"))

        report = await authority.environment_publisher.recover()

        assert report.version == version == SnapshotVersion(1, 1)


async def test_start__environment_created_anew_over_an_old_kv__refused(tmp_path: Path) -> None:
    kv = FakeKv()
    async with an_authority(tmp_path / "old", kv) as old:
        await old.environment_publisher.publish_due()
    old.clock.advance(60)
    async with an_authority(tmp_path / "new", kv, old.clock) as new:
        await new.environment_publisher.publish_due()

        assert new.environment_publisher.state.phase is Phase.REFUSED


def a_manifest(epoch: int, version: int, committed_at_ms: int) -> Manifest:
    return Manifest(1, ENVIRONMENT, epoch, version, committed_at_ms, committed_at_ms, (), (), ())


@pytest.mark.parametrize(
    ("found", "published", "pending", "expected"),
    [
        ((1, 5, 500), (1, 5), (), False),
        ((1, 4, 400), (1, 5), (), False),
        ((1, 6, 600), (1, 5), ((6, 600),), False),
        ((1, 6, 600), (1, 5), ((6, 601), (7, 700)), True),
        ((1, 6, 600), (1, 5), (), True),
        ((1, 0, 100), None, ((0, 100),), False),
        ((1, 0, 100), None, ((0, 900),), True),
        ((2, 1, 100), (1, 5), (), True),
        ((0, 99, 100), (1, 5), (), False),
    ],
)
async def test_is_ahead__manifest_found__told_by_outbox_and_commit_time(
    found: tuple[int, int, int],
    published: tuple[int, int] | None,
    pending: tuple[tuple[int, int], ...],
    expected: bool,
) -> None:
    record = EnvironmentRecord(ENVIRONMENT, Marks(1, 9, 0), 900, FlagSet())
    rows = [OutboxRow(ENVIRONMENT, 1, version, at_ms) for version, at_ms in pending]
    known = SnapshotVersion(*published) if published else None

    assert is_ahead(a_manifest(*found), record, known, rows) is expected


async def test_is_ahead__own_epoch_raised__not_ahead() -> None:
    record = msgspec.structs.replace(
        EnvironmentRecord(ENVIRONMENT, Marks(1, 9, 0), 900, FlagSet()), marks=Marks(2, 1, 0)
    )

    assert not is_ahead(a_manifest(1, 99, 1), record, None, ())
