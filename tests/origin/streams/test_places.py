"""Where clients are told of streams: as set, in the manifest and in answers, and nowhere while all places are taken."""

from pathlib import Path

import pytest

from origin.streams.places import read_places
from shared.snapshot.manifest import Manifest
from tests.origin.an_origin import AnOrigin, Prepared, an_origin
from tests.origin.streams.listening import listening

pytestmark = pytest.mark.anyio
URL = "https://flags.example.com/v1/stream"
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
    answered = await origin.client.post(BULK, json={}, headers=headers)
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


async def test_answers__no_url_set__none_named(origin: AnOrigin) -> None:
    assert await advertised(origin) == (False, False)
