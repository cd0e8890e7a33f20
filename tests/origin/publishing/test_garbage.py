"""Old shards: kept for a day after the last manifest that named them, then deleted, and never one in use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import a_flag
from tests.origin.a_publisher import ENVIRONMENT, AnAuthority, an_authority
from tests.origin.fake_kv import FakeKv

pytestmark = pytest.mark.anyio
A_DAY_SECONDS = 24 * 3600


@pytest.fixture
async def first(anyio_backend: str, tmp_path: Path) -> AsyncIterator[AnAuthority]:
    """Start an origin that has published a flag."""
    async with an_authority(tmp_path, FakeKv()) as authority:
        await authority.commit(a_flag("checkout"))
        await authority.environment_publisher.publish_due()
        yield authority


def shards(kv: FakeKv) -> set[str]:
    return {key for key in kv.values if key.startswith("s:")}


async def test_garbage__replaced_less_than_a_day_ago__kept(first: AnAuthority) -> None:
    (old,) = shards(first.kv)
    await first.commit(a_flag("checkout").on())
    await first.environment_publisher.publish_due()
    first.clock.advance(A_DAY_SECONDS)

    await first.environment_publisher.publish_due()

    assert old in shards(first.kv)


async def test_garbage__replaced_more_than_a_day_ago__deleted(first: AnAuthority) -> None:
    (old,) = shards(first.kv)
    await first.commit(a_flag("checkout").on())
    await first.environment_publisher.publish_due()
    (new,) = shards(first.kv) - {old}
    first.clock.advance(A_DAY_SECONDS + 1)

    await first.environment_publisher.publish_due()

    assert shards(first.kv) == {new}
    assert await first.store.stale_shards(ENVIRONMENT, first.clock.now_ms()) == ()


async def test_garbage__long_in_force_and_just_replaced__kept_for_a_day(first: AnAuthority) -> None:
    (old,) = shards(first.kv)
    first.clock.advance(30 * A_DAY_SECONDS)
    await first.commit(a_flag("checkout").on())

    await first.environment_publisher.publish_due()

    assert old in shards(first.kv)


async def test_garbage__in_force_for_long__never_deleted(first: AnAuthority) -> None:
    (current,) = shards(first.kv)
    first.clock.advance(30 * A_DAY_SECONDS)
    first.kv.allowed = frozenset({"get", "put"})

    await first.environment_publisher.publish_due()
    await first.environment_publisher.publish_due()

    assert shards(first.kv) == {current}


async def test_garbage__contents_return_after_deletion__written_again(first: AnAuthority) -> None:
    (old,) = shards(first.kv)
    await first.commit(a_flag("other"))
    await first.environment_publisher.publish_due()
    first.clock.advance(A_DAY_SECONDS + 1)
    await first.environment_publisher.publish_due()
    assert old not in shards(first.kv)

    await first.commit(a_flag("other").archived())
    await first.environment_publisher.publish_due()

    assert old in shards(first.kv)
    assert first.kv.missing_shards() == set()


async def test_garbage__another_origin_has_the_lease__nothing_deleted(first: AnAuthority) -> None:
    await first.commit(a_flag("checkout").on())
    await first.environment_publisher.publish_due()
    first.clock.advance(A_DAY_SECONDS + 1)
    assert await first.store.take_lease(ENVIRONMENT, "second", 20_000)
    first.kv.allowed = frozenset()

    await first.environment_publisher.publish_due()

    assert len(shards(first.kv)) == 2
