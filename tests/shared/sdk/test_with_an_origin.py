"""A provider and a real origin: changes arrive, and whatever happens to the origin, values keep coming."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ProviderNotReadyError

from flaghoist.sdk.provider import FlaghoistProvider
from flaghoist.sdk.snapshot.levels import Level
from tests.origin.an_origin import Prepared, a_document
from tests.servers.proxy import proxy
from tests.shared.sdk.conftest import NewProvider
from tests.shared.sdk.origin_process import OriginProcess, running, until
from tests.shared.sdk.recorded_events import ERROR, READY, STALE, RecordedEvents

ADA = EvaluationContext("ada")
ANYBODY = EvaluationContext()


def release(number: int) -> dict[str, object]:
    return a_document(variations={"now": f"v{number}"}, off_variation="now", fallthrough={"variation": "now"})


def value(provider: FlaghoistProvider) -> str:
    return provider.resolve_string_details("release", "default", ADA).value


def started(new_provider: NewProvider, origin: OriginProcess, **options: object) -> FlaghoistProvider:
    provider = new_provider(origin=origin.url, key=origin.keys["server"], **options)
    provider.initialize(ANYBODY)
    return provider


def until_value(provider: FlaghoistProvider, wanted: str, recorded: RecordedEvents) -> None:
    until(lambda: value(provider) == wanted, recorded.messages)


def until_level(provider: FlaghoistProvider, wanted: Level, recorded: RecordedEvents) -> None:
    until(lambda: provider.state.level is wanted, recorded.messages)


@contextmanager
def asked_all_the_time(provider: FlaghoistProvider) -> Iterator[set[str]]:
    """Ask without a pause from a thread, and give what was answered; an error is answered with ``default``."""
    answered, stop = set[str](), threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answered.add(value(provider))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answered
    finally:
        stop.set()
        thread.join()


def test_provider__change_at_the_origin__arrives_by_the_stream(
    origin: OriginProcess, new_provider: NewProvider, recorded: RecordedEvents
) -> None:
    origin.put("/flags/release", release(1))
    provider = started(new_provider, origin)
    assert (value(provider), recorded.levels) == ("v1", [(READY, "streaming")])
    origin.patch("/flags/release", {"variations": {"now": "v2"}})
    until_value(provider, "v2", recorded)
    until(lambda: recorded.changes == [("release",)], recorded.messages)
    assert recorded.levels == [(READY, "streaming")]


def test_provider__origin_killed_and_back__serves_what_it_had_and_catches_up(
    origin: OriginProcess, new_provider: NewProvider, recorded: RecordedEvents
) -> None:
    origin.put("/flags/release", release(1))
    provider = started(new_provider, origin)
    with asked_all_the_time(provider) as answered:
        origin.kill()
        until_level(provider, Level.STORED, recorded)
        origin.start()
        origin.patch("/flags/release", {"variations": {"now": "v2"}})
        until_value(provider, "v2", recorded)
        until_level(provider, Level.STREAMING, recorded)
    assert answered <= {"v1", "v2"}
    assert recorded.levels[:2] == [(READY, "streaming"), (STALE, "stored")]
    assert recorded.levels[-1] == (READY, "streaming")


async def test_provider__stream_cut__polls_and_misses_no_version(
    origin: OriginProcess, new_provider: NewProvider, recorded: RecordedEvents, anyio_backend: str
) -> None:
    origin.put("/flags/release", release(1))
    async with proxy(origin.port) as between:
        provider = new_provider(origin=f"http://127.0.0.1:{between.url_port}", key=origin.keys["server"])
        await asyncio.to_thread(provider.initialize, ANYBODY)
        with asked_all_the_time(provider) as answered:
            for number in range(2, 5):
                between.close_all()
                await asyncio.to_thread(origin.patch, "/flags/release", {"variations": {"now": f"v{number}"}})
                await asyncio.to_thread(until_value, provider, f"v{number}", recorded)
                await asyncio.to_thread(until_level, provider, Level.STREAMING, recorded)
        await asyncio.to_thread(provider.shutdown)
    assert answered <= {"v1", "v2", "v3", "v4"}
    assert recorded.levels[:3] == [(READY, "streaming"), (READY, "polling"), (READY, "streaming")]
    assert recorded.changes == [("release",)] * 3


async def test_provider__origin_falls_silent__notices_and_comes_back(
    origin: OriginProcess, new_provider: NewProvider, recorded: RecordedEvents, anyio_backend: str
) -> None:
    origin.put("/flags/release", release(1))
    async with proxy(origin.port) as between:
        url = f"http://127.0.0.1:{between.url_port}"
        patience = {"silence_seconds": 0.5, "request_seconds": 0.5}
        provider = new_provider(origin=url, key=origin.keys["server"], **patience)
        await asyncio.to_thread(provider.initialize, ANYBODY)
        with asked_all_the_time(provider) as answered:
            between.is_silent = True
            await asyncio.to_thread(until_level, provider, Level.STORED, recorded)
            between.is_silent = False
            await asyncio.to_thread(origin.patch, "/flags/release", {"variations": {"now": "v2"}})
            await asyncio.to_thread(until_value, provider, "v2", recorded)
        await asyncio.to_thread(provider.shutdown)
    assert answered <= {"v1", "v2"}


def test_provider__first_of_two_origins_away__takes_the_other(
    origin: OriginProcess, new_provider: NewProvider, recorded: RecordedEvents
) -> None:
    origin.put("/flags/release", release(1))
    provider = new_provider(origin=("http://127.0.0.1:9", origin.url), key=origin.keys["server"])
    provider.initialize(ANYBODY)
    assert value(provider) == "v1"
    until_level(provider, Level.STREAMING, recorded)


def test_provider__start_without_the_origin__begins_with_the_cache_and_recovers(
    origin: OriginProcess, new_provider: NewProvider, recorded: RecordedEvents, tmp_path: Path
) -> None:
    cache = tmp_path / "flags.cache"
    origin.put("/flags/release", release(1))
    started(new_provider, origin, cache_file=cache).shutdown()
    origin.kill()
    recorded.all.clear()
    provider = started(new_provider, origin, cache_file=cache)
    assert (value(provider), recorded.levels[0]) == ("v1", (STALE, "stored"))
    assert f"meanwhile: cache file {cache}" in str(recorded.all[0][1].message)
    origin.start()
    until_level(provider, Level.STREAMING, recorded)


def test_provider__damaged_cache_and_no_origin__says_so_and_serves_defaults_until_it_is_back(
    origin: OriginProcess, new_provider: NewProvider, recorded: RecordedEvents, tmp_path: Path
) -> None:
    cache = tmp_path / "flags.cache"
    cache.write_bytes(b"flaghoist-snapshot 1 0000\nthis is not what the checksum says")
    origin.put("/flags/release", release(1))
    origin.kill()
    provider = new_provider(origin=origin.url, key=origin.keys["server"], cache_file=cache, start_seconds=1)
    with pytest.raises(ProviderNotReadyError, match="is damaged"):
        provider.initialize(ANYBODY)
    assert (value(provider), recorded.levels[0]) == ("default", (ERROR, "defaults"))
    assert (tmp_path / "flags.cache.corrupt").exists()
    origin.start()
    until_value(provider, "v1", recorded)
    until(cache.exists, recorded.messages)


def test_provider__shut_down_and_started_again__goes_on(
    origin: OriginProcess, new_provider: NewProvider, recorded: RecordedEvents
) -> None:
    origin.put("/flags/release", release(1))
    provider = started(new_provider, origin)
    provider.shutdown()
    assert (value(provider), provider.state.level) == ("v1", Level.STORED)
    origin.patch("/flags/release", {"variations": {"now": "v2"}})
    assert value(provider) == "v1"
    provider.initialize(ANYBODY)
    until_value(provider, "v2", recorded)
    until_level(provider, Level.STREAMING, recorded)


def test_provider__key_that_the_origin_does_not_know__is_named_at_once(
    origin: OriginProcess, new_provider: NewProvider, recorded: RecordedEvents
) -> None:
    provider = new_provider(origin=origin.url, key=f"fh_server_production_{'x' * 43}", start_seconds=600)
    with pytest.raises(ProviderNotReadyError, match="refuses the key"):
        provider.initialize(ANYBODY)
    assert recorded.levels[0] == (ERROR, "defaults")


def test_provider__no_place_on_the_stream__polls_until_there_is_one(
    still_origin: OriginProcess, new_provider: NewProvider, recorded: RecordedEvents, tmp_path: Path
) -> None:
    small = {"STREAM_LIMIT": "1", "STREAM_FULL_RETRY_SECONDS": "3"}
    prepared = Prepared(tmp_path / "origin", still_origin.keys)
    with running(OriginProcess(prepared, tmp_path / "origin", **small)) as origin:
        origin.put("/flags/release", release(1))
        first = started(new_provider, origin)
        second = started(new_provider, origin, poll_seconds=1)
        assert [level for _, level in recorded.levels] == ["streaming", "polling"]
        origin.patch("/flags/release", {"variations": {"now": "v2"}})
        until_value(second, "v2", recorded)
        assert second.state.level is Level.POLLING
        first.shutdown()
        until_level(second, Level.STREAMING, recorded)
