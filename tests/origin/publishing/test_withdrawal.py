"""Removed environments in KV: a manifest that opens nothing at once, nothing at all after a day."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.control.administration import Administration
from flaghoist_origin.publishing.withdrawal import Withdrawals
from flaghoist_origin.storage.database.records import SYSTEM
from tests.builders import a_flag
from tests.origin.a_publisher import ENVIRONMENT, AnAuthority, an_authority
from tests.origin.fake_kv import FakeKv, Method
from tests.origin.subscribers import tell_after_commit

pytestmark = pytest.mark.anyio
DAY_SECONDS = 24 * 60 * 60 + 1
WITHOUT_DELETING: frozenset[Method] = frozenset({"get", "put"})


@pytest.fixture
async def removed(anyio_backend: str, tmp_path: Path) -> AsyncIterator[AnAuthority]:
    """Start an origin whose published environment was removed just now."""
    async with an_authority(tmp_path, FakeKv()) as authority:
        await authority.commit(a_flag("checkout"))
        await authority.environment_publisher.publish_due()
        await authority.store.create_environment("other")
        await authority.environments.refresh_all()
        await administration(authority).remove(ENVIRONMENT, SYSTEM)
        yield authority


def administration(authority: AnAuthority) -> Administration:
    return Administration(authority.store, authority.environments, authority.clock.now_ms)


def withdrawals(authority: AnAuthority) -> Withdrawals:
    return Withdrawals(authority.store, authority.kv, authority.settings, authority.clock)


async def test_round__just_removed__manifest_opens_nothing(removed: AnAuthority) -> None:
    removed.kv.allowed = WITHOUT_DELETING
    assert removed.kv.manifest().snapshot_version == SnapshotVersion(1, 1)

    assert await withdrawals(removed).withdraw_all()

    manifest = removed.kv.manifest()
    assert (manifest.snapshot_version, manifest.keys, manifest.shards) == (SnapshotVersion(1, 2), (), ())
    assert await removed.store.pending(ENVIRONMENT) == ()


async def test_round__again_within_the_day__only_looks_unless_it_was_lost(removed: AnAuthority) -> None:
    before = removed.kv.values[f"m:{ENVIRONMENT}"]
    await withdrawals(removed).withdraw_all()
    removed.kv.forget_calls()

    await withdrawals(removed).withdraw_all()
    assert removed.kv.written() == []
    removed.fall_back_to_kv(before)
    await withdrawals(removed).withdraw_all()

    assert removed.kv.manifest().keys == ()


async def test_round__a_day_later__deletes_every_value_and_is_done(removed: AnAuthority) -> None:
    await withdrawals(removed).withdraw_all()
    removed.clock.advance(DAY_SECONDS)
    await withdrawals(removed).withdraw_all()

    assert removed.kv.values == {}
    assert await removed.store.removals() == ()
    removed.kv.allowed = frozenset()
    assert await withdrawals(removed).withdraw_all()


async def test_round__kv_away__tried_again(removed: AnAuthority, caplog: pytest.LogCaptureFixture) -> None:
    removed.kv.fault("fail", "get")
    assert not await withdrawals(removed).withdraw_all()
    assert "still in KV" in caplog.text

    removed.kv.heal()
    removed.clock.advance(removed.settings.lease_seconds)
    assert await withdrawals(removed).withdraw_all()


async def test_round__write_hangs__given_up_and_tried_again(removed: AnAuthority) -> None:
    hasty = Withdrawals(
        removed.store,
        removed.kv,
        type(removed.settings)(secret=removed.settings.secret, kv_write_timeout_seconds=0.01),
        removed.clock,
    )
    removed.kv.fault("stall", "put")
    assert not await hasty.withdraw_all()

    removed.kv.heal()
    assert not await withdrawals(removed).withdraw_all(), "the write that hangs may still land"
    removed.clock.advance(removed.settings.lease_seconds)
    assert await withdrawals(removed).withdraw_all()
    assert removed.kv.manifest().keys == ()


async def test_round__another_publishes_still__waits_for_its_lease(removed: AnAuthority) -> None:
    await removed.store.take_lease(ENVIRONMENT, "another", 20_000)
    before = dict(removed.kv.values)

    assert not await withdrawals(removed).withdraw_all()
    assert removed.kv.values == before


async def test_round__kv_ahead__closed_above_it(removed: AnAuthority, tmp_path: Path) -> None:
    ahead = FakeKv()
    async with an_authority(tmp_path / "ahead", ahead, removed.clock) as other:
        await other.store.raise_epoch(ENVIRONMENT, 9)
        await other.environment_publisher.publish_due()
    removed.kv.values.update(ahead.values)

    await withdrawals(removed).withdraw_all()

    assert removed.kv.manifest().snapshot_version == SnapshotVersion(10, 2)
    await administration(removed).create(ENVIRONMENT, SYSTEM)
    assert removed.environments.get(ENVIRONMENT).record.snapshot_version == SnapshotVersion(11, 0)


async def test_create__again__published_above_what_closed_it(removed: AnAuthority) -> None:
    await withdrawals(removed).withdraw_all()
    await administration(removed).create(ENVIRONMENT, SYSTEM)
    removed.clock.advance(2 * DAY_SECONDS)

    await removed.environment_publisher.publish_due()
    await withdrawals(removed).withdraw_all()

    assert removed.kv.manifest().snapshot_version == SnapshotVersion(2, 0)


async def test_publisher__environment_removed__its_lane_ends(tmp_path: Path) -> None:
    async with an_authority(tmp_path, FakeKv()) as authority:
        publisher = authority.publisher()
        tell_after_commit(authority.environments, publisher.request_publish)
        await administration(authority).create("staging", SYSTEM)
        assert "staging" in publisher.states

        await administration(authority).remove("staging", SYSTEM)

        assert "staging" not in publisher.states
