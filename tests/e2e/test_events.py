"""Events through a real Worker to a real origin that is killed on the way: each counts once, none is lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from flaghoist.protocol.events import Event, Exposure, Track, encode_batch, encode_event
from flaghoist.sdk.events import NO_RESPONSE, BatchResponse, EventQueue, new_id
from tests.e2e.conftest import NewStack
from tests.e2e.documents import snapshot_body
from tests.e2e.environments import Environment, wait_until
from tests.e2e.stacks import PrivateStack
from tests.e2e.visitors import flags, level

pytestmark = pytest.mark.e2e

SECONDS = 40.0
FLAG = "pro"


@pytest.fixture(scope="module")
def private(new_stack: NewStack) -> PrivateStack:
    """Return a stack of which the origin can be killed."""
    made = new_stack()
    made.start_edge()
    made.start_origin()
    return made


def an_environment(private: PrivateStack, name: str) -> Environment:
    """Return an environment that the edge holds."""
    environment = private.started().environment(name)
    environment.reach(environment.replace(snapshot_body(flags())), seconds=SECONDS)
    return environment


def report(environment: Environment, *events: Event, query: str = "", **headers: str) -> httpx.Response:
    """Report events to the edge."""
    return environment.http.post(
        f"{environment.edge}/v1/events{query}", content=encode_batch(map(encode_event, events)), headers=headers
    )


def counted(environment: Environment, what: str = "exposures") -> list[dict[str, Any]]:
    """Return what the origin has counted."""
    items: list[dict[str, Any]] = environment.api("GET", f"/{what}").raise_for_status().json()["items"]
    return items


def uses(environment: Environment) -> Mapping[str, tuple[int, int]]:
    """Return exposures and distinct units by flag."""
    found: dict[str, tuple[int, int]] = {}
    for item in counted(environment):
        exposures, units = found.get(item["flag"], (0, 0))
        found[item["flag"]] = (exposures + item["exposures"], units + item["units"])
    return found


def test_events__by_header_and_by_beacon__are_stored_by_the_origin(private: PrivateStack) -> None:
    environment = an_environment(private, "events-plain")
    exposure = Exposure(id="1", flag=FLAG, variant="on", unit="ada", source="web")
    key = environment.keys.client
    first = report(environment, exposure, Track(id="2", name="purchase", value=9.5), **{"X-API-Key": key})
    beacon = report(
        environment,
        exposure,
        Exposure(id="3", flag=FLAG, variant="on"),
        query=f"?key={key}",
        **{"Content-Type": "text/plain"},
    )

    assert (first.status_code, first.json()) == (202, {"accepted": 2, "duplicates": 0, "refused": []})
    assert (beacon.status_code, beacon.json()) == (202, {"accepted": 1, "duplicates": 1, "refused": []})
    assert uses(environment) == {FLAG: (2, 1)}
    assert [item["sum"] for item in counted(environment, "tracked")] == [9.5]


def test_single_look_ups__at_the_edge__are_reported_and_bulk_answers_are_not(private: PrivateStack) -> None:
    environment = an_environment(private, "events-singles")
    for number in range(10):
        answered = environment.single("edge", "client", FLAG, {"targetingKey": f"user-{number % 4}"})
        assert (answered.status_code, level(answered)) == (200, 0)
        environment.bulk("edge", "client", {"targetingKey": "nobody"})
        environment.bootstrap({"targetingKey": "nobody"})

    wait_until(lambda: uses(environment).get(FLAG) == (10, 4), SECONDS)
    assert list(uses(environment)) == [FLAG]


def test_origin_killed__edge_acknowledges_nothing_and_reports_its_look_ups_later(private: PrivateStack) -> None:
    environment = an_environment(private, "events-killed")
    private.kill_origin()
    refused = report(environment, Exposure(id="1", flag=FLAG, variant="on"), **{"X-API-Key": environment.keys.client})
    for number in range(5):
        environment.single("edge", "client", FLAG, {"targetingKey": f"user-{number}"})
    private.start_origin()

    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0

    def is_reported() -> bool:
        environment.single("edge", "client", FLAG, {"targetingKey": "user-0"})
        return uses(environment).get(FLAG, (0, 0))[1] == 5

    wait_until(is_reported, SECONDS)


def test_origin_killed_while_a_queue_reports_through_the_edge__each_event_counts_once(
    private: PrivateStack, tmp_path: Path
) -> None:
    environment = an_environment(private, "events-queue")

    def send(body: bytes) -> BatchResponse:
        headers = {"Authorization": f"Bearer {environment.keys.server}"}
        try:
            answered = environment.http.post(f"{environment.edge}/v1/events", content=body, headers=headers)
        except httpx.TransportError:
            return NO_RESPONSE
        return BatchResponse(answered.status_code, answered.content)

    queue = EventQueue(send, spool=tmp_path, batch=50, flush_seconds=0.05)
    for number in range(2_000):
        assert queue.put(Exposure(id=new_id(), flag=FLAG, variant="on", unit=f"user-{number}"))
        if number == 1_000:
            private.kill_origin()
    private.start_origin()
    wait_until(lambda: queue.flush(SECONDS), SECONDS)
    assert queue.close(SECONDS)

    assert uses(environment) == {FLAG: (2_000, 2_000)}
