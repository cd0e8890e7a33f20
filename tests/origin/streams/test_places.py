"""Where clients are told of streams: as set, in the manifest and in answers, and nowhere while all places are taken."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from flaghoist.snapshot.manifest import Manifest
from flaghoist_origin.settings.stream_places import Places, read_places
from tests.origin.an_origin import AnOrigin, Prepared, an_origin
from tests.origin.fake_kv import FakeKv
from tests.origin.streams.listening import listening

pytestmark = pytest.mark.anyio
URL = "https://flags.example.com/v1/stream"
PATIENCE_SECONDS = 10
BULK = "/ofrep/v1/evaluate/flags"


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("", {}),
        (URL, {"*": URL}),
        (f" EU={URL}/eu , NA={URL}/na,", {"EU": f"{URL}/eu", "NA": f"{URL}/na"}),
        (f"EU={URL},*={URL}", {"EU": URL, "*": URL}),
        ("flags.example.com", None),
        (f"{URL}?key=1", None),
        (f"{URL},{URL}", None),
        (f"eu={URL}", None),
    ],
)
def test_read_places__text__urls_by_region(text: str, urls: dict[str, str] | None) -> None:
    assert read_places(text) == urls


async def advertised(origin: AnOrigin) -> tuple[bool, bool]:
    """Return whether a bulk answer and the manifest that edges get name a stream."""
    headers = {"X-API-Key": origin.keys["client"]}
    answered = (await origin.client.post(BULK, json={}, headers=headers)).raise_for_status()
    manifest: Manifest = origin.services.environments.get("production").manifest(origin.clock.now_ms())
    return "eventStreams" in answered.json(), manifest.streams == {"*": URL}


async def test_answers__places_taken_and_freed__named_only_while_there_is_room(
    prepared: Prepared, tmp_path: Path
) -> None:
    async with an_origin(tmp_path, prepared=prepared, stream_urls=URL, stream_limit=2) as origin:
        assert await advertised(origin) == (True, True)
        async with listening(origin):
            assert await advertised(origin) == (True, True)
            async with listening(origin, "client"):
                assert await advertised(origin) == (False, False)
        assert await advertised(origin) == (True, True)


async def in_kv(kv: FakeKv, is_so: Callable[[bool], bool]) -> None:
    """Return once the manifest in KV names a stream, or names none."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "m:production" not in kv.values or not is_so(bool(kv.manifest().streams)):
            await asyncio.sleep(0.01)


async def test_manifest__places_taken_and_freed__published_at_once(prepared: Prepared, tmp_path: Path) -> None:
    kv = FakeKv()
    settings = {"stream_urls": URL, "stream_limit": 2, "heartbeat_seconds": 3_600.0, "publish_interval_seconds": 0.0}
    async with an_origin(tmp_path, kv, prepared, **settings) as origin:
        await in_kv(kv, lambda names: names)
        async with listening(origin), listening(origin):
            await in_kv(kv, lambda names: not names)
        await in_kv(kv, lambda names: names)


def test_places__set_twice_alike__changed_once() -> None:
    places = Places({"*": URL})
    changes = [is_open for is_open in (True, False, False, True, True) if places.set_open(is_open=is_open)]
    assert changes == [False, True]


def test_places__no_url_set__nothing_changes() -> None:
    places = Places({})
    assert not places.set_open(is_open=False)
    assert places.advertised == {}


async def test_hub__last_places_taken_and_freed__closed_once(prepared: Prepared, tmp_path: Path) -> None:
    heard: list[bool] = []
    async with (
        an_origin(tmp_path, prepared=prepared, stream_urls=URL, stream_limit=20) as origin,
        AsyncExitStack() as held,
    ):
        places = origin.services.environments.places
        origin.services.streams.on_places_changed = lambda: heard.append(places.is_open)
        for _ in range(17):
            await held.enter_async_context(listening(origin))
        for _ in range(3):
            async with listening(origin):
                assert not places.is_open
    assert heard == [False, True]


async def test_answers__no_url_set__none_named(origin: AnOrigin) -> None:
    assert await advertised(origin) == (False, False)
