"""Origins that fail are left alone for a while."""

import pytest

from flaghoist.protocol.edge_origin import edge_token
from flaghoist_edge.origins.breakers import Breaker
from flaghoist_edge.origins.origins import Origins
from flaghoist_edge.ports.platform import Unreachable
from tests.edge_worker.fakes import FakeClock, FakeOrigin, FakeWeb, NoWeb
from tests.published import SECRET, a_version

pytestmark = pytest.mark.anyio

NEAR, FAR = "https://near.example", "https://far.example/base"


def test_breaker__three_failures_in_a_row__opens_and_tries_one_request_later() -> None:
    breaker = Breaker()
    for _ in range(3):
        assert breaker.admits(0)
        breaker.fail(0)
    assert not breaker.admits(4_999)
    assert breaker.admits(5_000)
    assert not breaker.admits(5_001)
    breaker.succeed()
    assert breaker.admits(5_002)


def test_breaker__success_between__counts_from_the_start() -> None:
    breaker = Breaker()
    for _ in range(5):
        breaker.fail(0)
        breaker.fail(0)
        breaker.succeed()
    assert breaker.admits(0)


async def test_origins__first_fails__second_answers_and_the_first_is_soon_left_alone() -> None:
    clock = FakeClock()
    near, far = FakeOrigin(a_version(1), clock, "fails"), FakeOrigin(a_version(1), clock)
    origins = Origins(base_urls=(NEAR, FAR), token=edge_token(SECRET), web=FakeWeb({NEAR: near, FAR: far}), clock=clock)
    for _ in range(10):
        assert (await origins.manifest("production", "")).data is not None
    assert (len(near.asked), len(far.asked)) == (3, 10)
    near.mode = "ok"
    clock.pass_ms(5_000)
    for _ in range(3):
        await origins.manifest("production", "")
    assert (len(near.asked), len(far.asked)) == (6, 10)


async def test_origins__all_fail__error_names_each() -> None:
    clock = FakeClock()
    near, far = FakeOrigin(a_version(1), clock, 502), FakeOrigin(a_version(1), clock, "fails")
    origins = Origins(base_urls=(NEAR, FAR), token=edge_token(SECRET), web=FakeWeb({NEAR: near, FAR: far}), clock=clock)
    with pytest.raises(Unreachable, match="origin 1 answers with status 502; origin 2: connection refused"):
        await origins.shard("production", "0" * 64)


async def test_origins__none_configured__says_what_to_set() -> None:
    with pytest.raises(Unreachable, match="set ORIGINS"):
        await Origins(base_urls=(), token="token", web=NoWeb(), clock=FakeClock()).manifest("production", "")


async def test_origins__own_manifest_is_the_latest__brings_the_time_of_confirmation_alone() -> None:
    clock = FakeClock()
    near = FakeOrigin(a_version(1), clock)
    origins = Origins(base_urls=(NEAR,), token=edge_token(SECRET), web=FakeWeb({NEAR: near}), clock=clock)
    etag = (await origins.manifest("production", "")).etag
    clock.pass_ms(70_000)
    again = await origins.manifest("production", etag)
    assert (again.data, again.etag, again.confirmed_at_ms) == (None, etag, clock.now)
