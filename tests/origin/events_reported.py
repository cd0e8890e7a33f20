"""Report events to an origin, and ask it what it has counted."""

from collections.abc import Mapping
from typing import Any

import httpx

from flaghoist.protocol.events import Event, Exposure, Track, encode_batch, encode_event
from tests.origin.an_origin import START_MS, AnOrigin

EVENTS = "/v1/events"


def an_exposure(event_id: str, unit: str = "ada", **members: Any) -> Exposure:
    """Return an exposure of the flag ``checkout``."""
    return Exposure(**{"id": event_id, "flag": "checkout", "variant": "on", "unit": unit, "at": START_MS, **members})


def a_purchase(event_id: str, unit: str = "ada", **members: Any) -> Track:
    """Return a track event."""
    return Track(**{"id": event_id, "name": "purchase", "unit": unit, "at": START_MS, **members})


def body(*events: Event) -> bytes:
    """Return the body that reports events."""
    return encode_batch(map(encode_event, events))


async def report(origin: AnOrigin, *events: Event, kind: str = "client") -> httpx.Response:
    """Report events with a key of this kind."""
    return await send(origin, body(*events), {"X-API-Key": origin.keys[kind]})


async def send(origin: AnOrigin, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
    """Report whatever bytes."""
    return await origin.client.post(EVENTS, content=content, headers=headers)


async def counted(origin: AnOrigin, what: str = "exposures") -> list[dict[str, Any]]:
    """Return what the origin counts, by its API."""
    answered = await origin.get(f"/{what}")
    assert answered.status_code == 200, answered.text
    items: list[dict[str, Any]] = answered.json()["items"]
    return items
