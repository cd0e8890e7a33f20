"""Publishing through crashes, stalls and rivals: whatever is committed reaches KV, the last of it last."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from flaghoist.errors import NotFound
from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.kv.answers import KvUnavailable
from flaghoist_origin.publishing.lease import LeaseHeld
from flaghoist_origin.publishing.state import Phase
from tests.builders import a_flag
from tests.origin.a_publisher import ENVIRONMENT, AnAuthority, an_authority
from tests.origin.fake_kv import FakeKv, KvCall
from tests.origin.subscribers import tell_after_commit

pytestmark = pytest.mark.anyio
UNTIL_SECONDS = 10


@pytest.fixture
async def first(anyio_backend: str, tmp_path: Path) -> AsyncIterator[AnAuthority]:
    """Start an origin over an empty KV."""
    async with an_authority(tmp_path, FakeKv()) as authority:
        yield authority


@pytest.fixture
async def second(first: AnAuthority, tmp_path: Path) -> AsyncIterator[AnAuthority]:
    """Start another origin on the same database and KV."""
    async with an_authority(tmp_path, first.kv, first.clock, holder="second") as authority:
        yield authority


async def until_published(authority: AnAuthority, version: SnapshotVersion) -> None:
    """Wait until the database knows that KV holds ``version``."""
    async with asyncio.timeout(UNTIL_SECONDS):
        while await authority.store.published(ENVIRONMENT) != version:
            await asyncio.sleep(0.005)


async def kill(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_run__commit__reaches_kv_without_being_asked(first: AnAuthority) -> None:
    publisher = first.publisher()
    tell_after_commit(first.environments, publisher.request_publish)
    version = await first.commit(a_flag("checkout"))

    running = asyncio.create_task(publisher.run())
    await until_published(first, version)
    await kill(running)

    assert first.kv.manifest().snapshot_version == version
    assert publisher.states[ENVIRONMENT].phase is Phase.PUBLISHED


async def test_run__environment_created_later__published_too(first: AnAuthority) -> None:
    publisher = first.publisher()
    tell_after_commit(first.environments, publisher.request_publish)
    running = asyncio.create_task(publisher.run())
    await until_published(first, SnapshotVersion(1, 0))

    await first.store.create_environment("staging")
    await first.environments.refresh_all()
    async with asyncio.timeout(UNTIL_SECONDS):
        while "m:staging" not in first.kv.values:
            await asyncio.sleep(0.005)
    await kill(running)

    assert set(publisher.states) == {"production", "staging"}


async def test_run__killed_between_commit_and_write__next_process_publishes(first: AnAuthority, tmp_path: Path) -> None:
    first.kv.fault("stall", "put_many")
    version = await first.commit(a_flag("checkout").on())
    running = asyncio.create_task(first.publisher().run())
    await first.kv.stalled.wait()
    await kill(running)
    assert "m:production" not in first.kv.values
    first.kv.heal()
    first.clock.advance(first.settings.lease_seconds)

    async with an_authority(tmp_path, first.kv, first.clock, holder="restarted") as restarted:
        running = asyncio.create_task(restarted.publisher().run())
        await until_published(restarted, version)
        await kill(running)

    assert first.kv.manifest().snapshot_version == version
    assert await first.store.pending(ENVIRONMENT) == ()


async def test_run__killed_between_write_and_mark__next_process_takes_note(first: AnAuthority, tmp_path: Path) -> None:
    version = await first.commit(a_flag("checkout").on())
    first.kv.after = _die_after_the_manifest
    with pytest.raises(asyncio.CancelledError):
        await first.environment_publisher.publish_due()
    assert await first.store.published(ENVIRONMENT) is None
    first.kv.after = lambda _: None
    first.kv.forget_calls()
    first.clock.advance(first.settings.lease_seconds)

    async with an_authority(tmp_path, first.kv, first.clock, holder="restarted") as restarted:
        await restarted.environment_publisher.publish_due()

        assert restarted.kv.written() == []
        assert await restarted.store.published(ENVIRONMENT) == version
        assert await restarted.store.pending(ENVIRONMENT) == ()


def _die_after_the_manifest(call: KvCall) -> None:
    if call.keys == ("m:production",):
        raise asyncio.CancelledError


async def test_commits__fifty_while_one_write_is_under_way__two_manifests_and_nothing_lost(first: AnAuthority) -> None:
    first.kv.fault("stall", "put")
    publisher = first.publisher()
    tell_after_commit(first.environments, publisher.request_publish)
    running = asyncio.create_task(publisher.run())
    await first.kv.stalled.wait()
    for number in range(50):
        latest = await first.commit(a_flag(f"flag-{number}").on())
    first.kv.heal()
    first.kv.released.set()
    await until_published(first, SnapshotVersion(1, 0))

    first.clock.advance(first.settings.publish_interval_seconds)
    publisher.request_publish(ENVIRONMENT)
    await until_published(first, latest)
    await kill(running)

    assert first.kv.written().count("m:production") == 2
    assert first.kv.manifest().snapshot_version == latest == SnapshotVersion(1, 50)
    assert sum(shard.count for shard in first.kv.manifest().shards) == 50
    assert await first.store.pending(ENVIRONMENT) == ()


async def test_round__kv_fails__outbox_kept_and_tried_again(first: AnAuthority) -> None:
    version = await first.commit(a_flag("checkout"))
    first.kv.fault("fail", "put")

    await first.environment_publisher.publish_due()

    assert first.publishing() is Phase.FAILING
    assert "told to" in first.environment_publisher.state.detail
    assert [row.version for row in await first.store.pending(ENVIRONMENT)] == [0, 1]
    first.kv.heal()
    await first.environment_publisher.publish_due()
    assert first.kv.manifest().snapshot_version == version
    assert first.publishing() is Phase.PUBLISHED


async def test_rounds__kv_fails_alike__said_once(first: AnAuthority, caplog: pytest.LogCaptureFixture) -> None:
    first.kv.fault("fail")
    for _ in range(3):
        await first.environment_publisher.publish_due()

    assert len([line for line in caplog.messages if "retrying in" in line]) == 1


async def test_round__manifest_write_stalls__given_up_before_the_lease_ends(tmp_path: Path) -> None:
    async with an_authority(tmp_path, FakeKv(), kv_write_timeout_seconds=0.02, lease_seconds=20.0) as first:
        await first.commit(a_flag("checkout"))
        first.kv.fault("stall", "put")

        await first.environment_publisher.publish_due()

        assert first.environment_publisher.state.phase is Phase.FAILING
        assert "took over 0.02 s" in first.environment_publisher.state.detail
        # The write may still land: for as long as the lease runs, no other origin may write.
        assert not await first.store.take_lease(ENVIRONMENT, "second", 20_000)
        first.clock.advance(20)
        assert await first.store.take_lease(ENVIRONMENT, "second", 20_000)


async def test_publish_now__kv_fails__says_so(first: AnAuthority) -> None:
    first.kv.fault("fail", "get")

    with pytest.raises(KvUnavailable, match="get of m:production failed"):
        await first.publisher().publish_now(ENVIRONMENT)


async def test_publish_now__unknown_environment__not_found(first: AnAuthority) -> None:
    with pytest.raises(NotFound, match="no environment elsewhere"):
        await first.publisher().publish_now("elsewhere")


async def test_two_origins__one_holds_the_lease__the_other_waits(first: AnAuthority, second: AnAuthority) -> None:
    version = await first.commit(a_flag("checkout"))
    assert await first.store.take_lease(ENVIRONMENT, "first", 20_000)
    first.kv.allowed = frozenset()

    await second.environment_publisher.publish_due()
    with pytest.raises(LeaseHeld, match="another origin is publishing production"):
        await second.environment_publisher.publish_now()

    assert second.environment_publisher.state.phase is Phase.WAITING
    first.kv.allowed = frozenset({"get", "put", "put_many"})
    await first.environment_publisher.publish_due()
    assert first.kv.manifest().snapshot_version == version


async def test_two_origins__one_cannot_reach_kv__the_other_publishes_at_once(
    first: AnAuthority, second: AnAuthority
) -> None:
    version = await first.commit(a_flag("checkout"))
    first.kv.fault("fail", "get")
    await first.environment_publisher.publish_due()
    first.kv.heal()

    await second.environment_publisher.publish_due()

    assert first.publishing() is Phase.FAILING
    assert second.kv.manifest().snapshot_version == version


async def test_two_origins__write_in_doubt__lease_not_released_by_the_next_failure(
    first: AnAuthority, second: AnAuthority
) -> None:
    await first.commit(a_flag("checkout"))
    first.kv.fault("fail", "put")
    await first.environment_publisher.publish_due()
    first.kv.fault("fail", "get")
    first.clock.advance(1)
    await first.environment_publisher.publish_due()
    first.kv.heal()

    await second.environment_publisher.publish_due()

    assert second.publishing() is Phase.WAITING
    assert "m:production" not in first.kv.values


async def test_two_origins__same_commit__published_once(first: AnAuthority, second: AnAuthority) -> None:
    await first.commit(a_flag("checkout"))

    await first.environment_publisher.publish_due()
    await second.environment_publisher.publish_due()

    assert first.kv.written().count("m:production") == 1
    assert second.environment_publisher.state.phase is Phase.PUBLISHED


async def test_two_origins__commits_on_both__the_later_one_wins(first: AnAuthority, second: AnAuthority) -> None:
    await first.commit(a_flag("checkout"))
    await second.environments.refresh(ENVIRONMENT)
    latest = await second.commit(a_flag("checkout").on())

    await second.environment_publisher.publish_due()
    await first.environment_publisher.publish_due()

    assert first.kv.manifest().snapshot_version == latest
    assert first.environments.get(ENVIRONMENT).record.snapshot_version == latest


async def test_round__lease_taken_over_while_shards_were_written__manifest_not_written(
    first: AnAuthority, second: AnAuthority
) -> None:
    await first.commit(a_flag("checkout"))
    first.kv.fault("stall", "put_many")
    slow = asyncio.create_task(first.environment_publisher.publish_due())
    await first.kv.stalled.wait()
    first.kv.heal()
    first.clock.advance(first.settings.lease_seconds)
    await second.environments.refresh(ENVIRONMENT)
    latest = await second.commit(a_flag("checkout").on())
    assert await second.store.take_lease(ENVIRONMENT, "second", 20_000)
    first.kv.released.set()

    await slow

    assert "m:production" not in first.kv.values
    assert first.environment_publisher.state.phase is Phase.WAITING
    await second.environment_publisher.publish_due()
    assert second.kv.manifest().snapshot_version == latest


async def test_round__defect_in_a_lane__others_go_on_and_it_starts_again(
    first: AnAuthority, caplog: pytest.LogCaptureFixture
) -> None:
    first.kv.allowed = frozenset()
    publisher = first.publisher()
    running = asyncio.create_task(publisher.run())
    async with asyncio.timeout(UNTIL_SECONDS):
        while "publishing production ended" not in caplog.text:
            await asyncio.sleep(0.005)

    assert not running.done()
    await kill(running)


async def test_round__reading_kv_took_as_long_as_the_lease__renewed_before_the_manifest(
    first: AnAuthority, second: AnAuthority
) -> None:
    first.kv.fault("stall", "get")
    slow = asyncio.create_task(first.environment_publisher.publish_due())
    await first.kv.stalled.wait()
    first.clock.advance(first.settings.lease_seconds)
    assert await second.store.take_lease(ENVIRONMENT, "second", 20_000)
    first.kv.heal()
    first.kv.released.set()

    await slow

    assert first.kv.written() == []
    assert first.publishing() is Phase.WAITING
