"""Single flags that the origin answers: exposures of their own accord, bulk answers never."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flaghoist.errors import Unavailable
from flaghoist.protocol.edge_origin import edge_token
from flaghoist_origin.exposures import look_ups
from tests.origin.an_origin import SECRET, START_MS, AnOrigin, a_document, an_origin
from tests.origin.events_reported import counted

pytestmark = pytest.mark.anyio
BULK = "/ofrep/v1/evaluate/flags"
ADA: Mapping[str, Any] = {"targetingKey": "ada"}


@pytest.fixture
async def serving(origin: AnOrigin) -> AnOrigin:
    """Start an origin with one flag."""
    await origin.put("/flags/checkout", a_document(client_visible=True))
    return origin


async def look_up(
    origin: AnOrigin,
    context: Mapping[str, Any] = ADA,
    path: str = f"{BULK}/checkout",
    headers: Mapping[str, str] | None = None,
) -> None:
    sent = {"X-API-Key": origin.keys["client"], **(headers or {})}
    await origin.client.post(path, json={"context": context}, headers=sent)


async def stored(origin: AnOrigin) -> list[tuple[str, str, int, int]]:
    await origin.services.look_ups.flush()
    items = await counted(origin)
    return [(item["flag"], item["variant"], item["exposures"], item["units"]) for item in items]


async def test_single__served__is_an_exposure(serving: AnOrigin) -> None:
    await look_up(serving)
    await look_up(serving)
    await look_up(serving, {"targetingKey": "bob"})

    assert await stored(serving) == [("checkout", "on", 3, 2)]
    assert [item["last_at_ms"] for item in await counted(serving)] == [START_MS]


async def test_single__for_an_edge__is_one_too(serving: AnOrigin) -> None:
    await look_up(serving, headers={"Flaghoist-Edge-Token": edge_token(SECRET.encode())})

    assert await stored(serving) == [("checkout", "on", 1, 1)]


async def test_single__that_serves_nobody_or_nothing__is_none(serving: AnOrigin) -> None:
    await look_up(serving, {})
    await look_up(serving, path=f"{BULK}/none")
    await look_up(serving, headers={"X-API-Key": "wrong"})

    assert await stored(serving) == []


@pytest.mark.parametrize("path", [BULK, "/v1/bootstrap"])
async def test_bulk__is_never_an_exposure(serving: AnOrigin, path: str) -> None:
    await look_up(serving, path=path)

    assert await stored(serving) == []


async def test_single__switched_off__is_none(anyio_backend: str, tmp_path: Path) -> None:
    async with an_origin(tmp_path, report_exposures=False) as silent:
        await silent.put("/flags/checkout", a_document(client_visible=True))
        await look_up(silent)

        assert await stored(silent) == []


async def test_database_away__kept_for_later_up_to_a_bound(serving: AnOrigin, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(look_ups, "KEPT_MOST", 3)
    with monkeypatch.context() as patched:
        patched.setattr(serving.store, "add_events", away)
        for _ in range(5):
            await look_up(serving)
            await serving.services.look_ups.flush()

    assert await stored(serving) == [("checkout", "on", 3, 1)]
