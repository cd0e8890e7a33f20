"""The heartbeat: what KV lost or a late write overtook is repaired, what is right is confirmed with one write."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.keys.keys import issue, revoke
from flaghoist_origin.storage.database.records import SYSTEM
from tests.builders import a_flag
from tests.origin.a_publisher import ENVIRONMENT, HEARTBEAT_MS, AnAuthority, an_authority
from tests.origin.fake_kv import FakeKv

pytestmark = pytest.mark.anyio
HEARTBEAT_SECONDS = HEARTBEAT_MS / 1000


@pytest.fixture
async def first(anyio_backend: str, tmp_path: Path) -> AsyncIterator[AnAuthority]:
    """Start an origin that has published two versions."""
    async with an_authority(tmp_path, FakeKv()) as authority:
        await authority.commit(a_flag("checkout"))
        await authority.environment_publisher.publish_due()
        yield authority


async def heartbeat(authority: AnAuthority) -> None:
    """Let a heartbeat pass, with a clean log before it."""
    authority.kv.forget_calls()
    authority.clock.advance(HEARTBEAT_SECONDS)
    await authority.environment_publisher.publish_due()


async def test_heartbeat__all_well__one_write_confirms(first: AnAuthority) -> None:
    before = first.kv.manifest()

    await heartbeat(first)

    assert first.kv.written() == ["m:production"]
    after = first.kv.manifest()
    assert after.confirmed_at_ms == before.confirmed_at_ms + HEARTBEAT_MS
    assert after.snapshot_version == before.snapshot_version


async def test_heartbeat__manifest_lost__everything_written_again(first: AnAuthority) -> None:
    first.kv.values.clear()

    await heartbeat(first)

    assert first.kv.manifest().snapshot_version == SnapshotVersion(1, 1)
    assert first.kv.missing_shards() == set()


async def test_heartbeat__overtaken_by_a_late_write__newest_put_back(
    first: AnAuthority, caplog: pytest.LogCaptureFixture
) -> None:
    late = first.kv.values["m:production"]
    latest = await first.commit(a_flag("checkout").on())
    await first.environment_publisher.publish_due()
    first.fall_back_to_kv(late)

    await heartbeat(first)

    assert first.kv.manifest().snapshot_version == latest
    assert first.kv.missing_shards() == set()
    assert "KV had 1-1 of production although 1-2 was published" in caplog.text


async def test_heartbeat__write_accepted_and_lost__written_again(first: AnAuthority) -> None:
    latest = await first.commit(a_flag("checkout").on())
    first.kv.fault("lose")
    await first.environment_publisher.publish_due()
    assert first.kv.manifest().snapshot_version < latest
    assert await first.store.pending(ENVIRONMENT) == ()
    first.kv.heal()

    await heartbeat(first)

    assert first.kv.manifest().snapshot_version == latest
    assert first.kv.missing_shards() == set()


async def test_heartbeat__confirmed_by_another_origin__left_alone(first: AnAuthority, tmp_path: Path) -> None:
    async with an_authority(tmp_path, first.kv, first.clock, holder="second") as second:
        await heartbeat(second)
        first.kv.forget_calls()

        await first.environment_publisher.publish_due()

    assert first.kv.written() == []


async def test_heartbeat__clock_of_the_last_writer_was_ahead__confirmed_by_ours(first: AnAuthority) -> None:
    first.clock.advance(-3600)
    first.kv.forget_calls()

    await first.environment_publisher.publish_due()

    assert first.kv.manifest().confirmed_at_ms == first.clock.now_ms()


async def test_key_change__no_new_version__manifest_alone_is_written(first: AnAuthority) -> None:
    issued = await issue(first.store, ENVIRONMENT, "client", "web")
    await first.environments.refresh(ENVIRONMENT)
    first.kv.forget_calls()

    await first.environment_publisher.publish_due()

    assert first.kv.written() == ["m:production"]
    assert [key.hash for key in first.kv.manifest().keys] == [issued.record.hash]
    assert first.kv.manifest().snapshot_version == SnapshotVersion(1, 1)


async def test_key_revoked_by_another_origin__heartbeat_does_not_bring_it_back(
    first: AnAuthority, tmp_path: Path
) -> None:
    issued = await issue(first.store, ENVIRONMENT, "client", "web")
    await first.environment_publisher.publish_due()
    async with an_authority(tmp_path, first.kv, first.clock, holder="second") as second:
        await revoke(second.store, ENVIRONMENT, issued.record.id, SYSTEM)
        await second.environment_publisher.publish_due()

    await heartbeat(first)

    assert first.kv.manifest().keys == ()


async def test_key_expires__next_heartbeat_drops_it(first: AnAuthority) -> None:
    await issue(first.store, ENVIRONMENT, "client", "web", expires_at_ms=first.clock.now_ms() + HEARTBEAT_MS)
    await first.environment_publisher.publish_due()
    assert len(first.kv.manifest().keys) == 1

    await heartbeat(first)

    assert first.kv.manifest().keys == ()
