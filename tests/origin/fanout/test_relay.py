"""The relay: hints arrive once, lead to one look each, and are made up for after a loss."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from flaghoist_origin.fanout.hints import Hint, decode_hint, encode_hint, is_news
from flaghoist_origin.storage.database.records import Marks
from tests.builders import a_flag
from tests.origin.a_publisher import ENVIRONMENT, AnAuthority
from tests.origin.fanout.a_bus import Bus, BusTransport
from tests.origin.fanout.relaying import two_origins, until, until_held
from tests.origin.subscribers import tell_after_commit

pytestmark = pytest.mark.anyio


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
async def origins(anyio_backend: str, tmp_path: Path, bus: Bus) -> AsyncIterator[Sequence[AnAuthority]]:
    async with two_origins(tmp_path, lambda: BusTransport(bus)) as started:
        yield started


async def test_commit__here__seen_there_and_said_once(origins: Sequence[AnAuthority], bus: Bus) -> None:
    first, second = origins

    version = await first.commit(a_flag("checkout"))
    await until_held(second, version)
    await asyncio.sleep(0.05)

    assert [decode_hint(message) for message in bus.said] == [Hint(ENVIRONMENT, Marks(1, 1, 0))]


async def test_commits__many__fewer_looks_than_hints(origins: Sequence[AnAuthority], bus: Bus) -> None:
    first, second = origins
    replaced: list[str] = []
    tell_after_commit(second.environments, replaced.append)
    for number in range(20):
        version = await first.commit(a_flag(f"flag-{number}"))

    await until_held(second, version)

    assert 1 <= len(replaced) <= len(bus.said) <= 20


async def test_commits__at_both__each_sees_the_others(origins: Sequence[AnAuthority]) -> None:
    first, second = origins
    await until_held(second, await first.commit(a_flag("a")))

    await until_held(first, await second.commit(a_flag("b")))

    assert sorted(first.environments.get(ENVIRONMENT).record.flagset.flags) == ["a", "b"]


async def test_transport__broken_and_back__what_was_missed_is_seen(
    origins: Sequence[AnAuthority], bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = origins
    bus.broken.set()
    await until(lambda: not bus.listeners)
    version = await first.commit(a_flag("checkout"))

    bus.broken.clear()
    await until_held(second, version)

    assert "polling for changes until it is back" in caplog.text


@pytest.mark.parametrize("message", ["", "{}", "[]", '{"environment": 1}', b"\xff", "x" * 10_000])
async def test_message__no_hint__ignored(origins: Sequence[AnAuthority], bus: Bus, message: str) -> None:
    first, second = origins

    bus.say(message)

    await until_held(second, await first.commit(a_flag("checkout")))


async def test_hint__unknown_environment__ignored(origins: Sequence[AnAuthority], bus: Bus) -> None:
    first, second = origins

    bus.say(encode_hint(Hint("elsewhere", Marks(1, 1, 1))))

    await until_held(second, await first.commit(a_flag("checkout")))


async def test_announce__environment_that_is_gone__nothing_said(origins: Sequence[AnAuthority], bus: Bus) -> None:
    first, second = origins
    for subscriber in first.environments.subscribers:
        subscriber.notify("gone")

    await until_held(second, await first.commit(a_flag("checkout")))

    assert [hint.environment for message in bus.said if (hint := decode_hint(message))] == [ENVIRONMENT]


@pytest.mark.parametrize(
    ("told", "held", "is_it"),
    [
        (Marks(1, 1, 0), None, True),
        (Marks(1, 2, 0), Marks(1, 1, 9), True),
        (Marks(2, 1, 0), Marks(1, 9, 9), True),
        (Marks(1, 1, 2), Marks(1, 1, 1), True),
        (Marks(1, 1, 1), Marks(1, 1, 1), False),
        (Marks(1, 9, 9), Marks(2, 0, 0), False),
    ],
)
def test_hint__news__by_epoch_version_and_keys(told: Marks, held: Marks | None, is_it: bool) -> None:
    assert is_news(Hint("production", told), held) is is_it
