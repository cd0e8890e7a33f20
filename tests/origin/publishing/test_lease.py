"""The lease: renewed for as long as work goes on, by the database's clock, and left behind by an origin that dies."""

import asyncio
from pathlib import Path

import pytest

from flaghoist_origin.publishing.lease import Lease, LeaseHeld
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.store import Store
from tests.origin.an_origin import AnOrigin, StandingClock, an_origin
from tests.origin.databases import make_database, url_in
from tests.origin.lost_database import lose_database

pytestmark = pytest.mark.anyio
ENV = "production"
BRIEF_SECONDS = 0.3


def a_lease(origin: AnOrigin, holder: str, seconds: float = BRIEF_SECONDS) -> Lease:
    return Lease(origin.store, origin.clock, holder=holder, duration_seconds=seconds)


async def is_free(lease: Lease) -> bool:
    try:
        async with lease.hold(ENV):
            return True
    except LeaseHeld:
        return False


async def test_held__longer_than_the_lease__renewed_and_then_released(origin: AnOrigin) -> None:
    first, second = a_lease(origin, "first"), a_lease(origin, "second")
    async with first.hold(ENV):
        for _ in range(6):
            await asyncio.sleep(BRIEF_SECONDS / 3)
            origin.clock.advance(BRIEF_SECONDS / 3)
            assert not await is_free(second)

    assert await is_free(second)


async def test_held__database_away_meanwhile__block_ends_well_and_lease_runs_out(
    on_postgres: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_origin(on_postgres) as origin, a_lease(origin, "first").hold(ENV):
        await lose_database(origin)

    assert "left to expire" in caplog.text


async def test_lease__origins_with_other_clocks__the_database_tells_the_time(on_postgres: Path) -> None:
    await make_database(on_postgres)
    ahead, behind = StandingClock(), StandingClock()
    ahead.advance(3_600)
    stores = Store(url_in(on_postgres), ahead), Store(url_in(on_postgres), behind)
    await stores[0].create_environment(ENV)
    try:
        assert await stores[1].take_lease(ENV, "behind", 60_000)
        assert not await stores[0].take_lease(ENV, "ahead", 60_000)
        await stores[1].release_lease(ENV, "behind")
        assert await stores[0].take_lease(ENV, "ahead", 1)
        await asyncio.sleep(0.05)
        assert await stores[1].take_lease(ENV, "behind", 60_000)
    finally:
        for store in stores:
            await store.close()


def test_settings__dead_origin__another_publishes_within_ten_seconds() -> None:
    settings = Settings(secret="s" * 32)
    retry_most_seconds = 1.5

    assert settings.kv_write_timeout_seconds < settings.lease_seconds
    assert settings.refresh_seconds + settings.lease_seconds + retry_most_seconds < 10
