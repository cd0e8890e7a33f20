"""What was used and what happened is reported once, whatever becomes of the origin meanwhile."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from openfeature.evaluation_context import EvaluationContext
from openfeature.track import TrackingEventDetails

from flaghoist.sdk.events import BatchResponse, EventQueue
from flaghoist.sdk.events.reporting import Reports, Sender
from flaghoist.sdk.runtime.options import Options
from tests.builders import a_flag
from tests.published import SERVER_KEY
from tests.shared.sdk.conftest import DIRECT, NewProvider
from tests.shared.sdk.making import an_offline_provider
from tests.shared.sdk.origin_process import OriginProcess, until
from tests.shared.sdk.scripted import Handler, recording
from tests.shared.sdk.test_with_an_origin import release

PATIENCE_SECONDS = 30.0
ACCEPTED = b'{"accepted":1,"duplicates":0,"refused":[]}'


class Collected:
    """A queue whose batches go nowhere but here."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.queue = EventQueue(self._send, flush_seconds=3_600.0)

    def _send(self, body: bytes) -> BatchResponse:
        events = msgspec.json.decode(body)["events"]
        self.events += events
        return BatchResponse(202, b'{"accepted":%d,"duplicates":0,"refused":[]}' % len(events))

    def all(self) -> list[Mapping[str, Any]]:
        assert self.queue.close(PATIENCE_SECONDS)
        return [{name: value for name, value in each.items() if name not in ("id", "at")} for each in self.events]


def a_sender(handler: Handler, *origins: str) -> Sender:
    named = origins or ("http://origin.test",)
    return Sender(Options(origin=named, key=SERVER_KEY, http={"transport": httpx.MockTransport(handler)}))


def test_sender__batch__goes_to_the_events_of_the_origin() -> None:
    seen: list[httpx.Request] = []
    sender = a_sender(recording(seen, httpx.Response(202, content=ACCEPTED)))
    answer = sender.send(b"{}")
    assert (answer.status, answer.body, str(seen[0].url)) == (202, ACCEPTED, "http://origin.test/v1/events")
    assert seen[0].headers["authorization"] == f"Bearer {SERVER_KEY}"


def test_sender__origin_that_asks_for_a_pause__says_how_long() -> None:
    sender = a_sender(lambda _: httpx.Response(429, headers={"Retry-After": "7"}))
    assert (sender.send(b"{}").status, sender.send(b"{}").retry_after_seconds) == (429, 7.0)


def test_sender__origin_away_or_failing__turns_to_the_next() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        if request.url.host == "a.test":
            raise httpx.ConnectError("refused")
        return httpx.Response(503 if request.url.host == "b.test" else 202)

    sender = a_sender(handle, "http://a.test", "http://b.test", "http://c.test")
    assert [sender.send(b"{}").status for _ in range(4)] == [0, 503, 202, 202]
    assert asked == ["a.test", "b.test", "c.test", "c.test"]


@pytest.mark.parametrize("unit", ["ada", None])
def test_provider__evaluation__is_an_exposure(tmp_path: Path, unit: str | None) -> None:
    collected = Collected()
    provider = an_offline_provider(tmp_path, a_flag("checkout").on().fallthrough("on"), epoch=1, version=43)
    provider._reports = Reports(collected.queue)
    provider.resolve_boolean_details("checkout", False, EvaluationContext(unit))
    wanted = {"type": "exposure", "flag": "checkout", "variant": "on", "version": "1-43", "source": "sdk"}
    assert collected.all() == [wanted | ({"unit": unit} if unit else {})]


def test_provider__what_was_not_used__is_no_exposure(tmp_path: Path) -> None:
    collected = Collected()
    provider = an_offline_provider(tmp_path, a_flag("checkout").on())
    provider._reports = Reports(collected.queue)
    provider.resolve_boolean_details("unknown", False)
    provider.resolve_string_details("checkout", "")
    provider.evaluate_all()
    provider.bootstrap()
    assert collected.all() == []


def test_provider__tracked_event__has_value_unit_and_scalars(tmp_path: Path) -> None:
    collected = Collected()
    provider = an_offline_provider(tmp_path, a_flag("checkout"))
    provider._reports = Reports(collected.queue)
    details = TrackingEventDetails(9.5, {"currency": "EUR", "items": 3, "nested": {"a": 1}})
    provider.track("purchase", EvaluationContext("ada"), details)
    provider.track("seen")
    assert collected.all() == [
        {
            "type": "track",
            "name": "purchase",
            "unit": "ada",
            "value": 9.5,
            "attributes": {"currency": "EUR", "items": 3},
            "source": "sdk",
        },
        {"type": "track", "name": "seen", "source": "sdk"},
    ]


def counted(origin: OriginProcess) -> int:
    flags = origin.get("/exposures?flag=release")["items"]
    return sum(each["exposures"] for each in flags)


def test_provider__origin_killed_between_evaluations__loses_and_doubles_none(
    origin: OriginProcess, new_provider: NewProvider, tmp_path: Path
) -> None:
    origin.put("/flags/release", release(1))
    options = {"reports": True, "spool_folder": tmp_path / "spool", "http": DIRECT}
    provider = new_provider(origin=origin.url, key=origin.keys["server"], **options)
    provider.initialize(EvaluationContext())
    for number in range(100):
        provider.resolve_string_details("release", "", EvaluationContext(f"before-{number}"))
    assert provider.flush(PATIENCE_SECONDS)
    origin.kill()
    for number in range(100):
        provider.resolve_string_details("release", "", EvaluationContext(f"while-away-{number}"))
    assert not provider.flush(PATIENCE_SECONDS)
    origin.start()
    until(lambda: provider.flush(PATIENCE_SECONDS))
    assert counted(origin) == 200


def test_provider__process_ends_while_the_origin_is_away__the_next_one_reports(
    origin: OriginProcess, new_provider: NewProvider, tmp_path: Path
) -> None:
    origin.put("/flags/release", release(1))
    options = {"reports": True, "spool_folder": tmp_path / "spool", "http": DIRECT}
    provider = new_provider(origin=origin.url, key=origin.keys["server"], **options)
    provider.initialize(EvaluationContext())
    origin.kill()
    for number in range(100):
        provider.resolve_string_details("release", "", EvaluationContext(f"user-{number}"))
    provider.shutdown()
    origin.start()
    following = new_provider(origin=origin.url, key=origin.keys["server"], **options)
    following.initialize(EvaluationContext())
    until(lambda: following.flush(PATIENCE_SECONDS))
    assert counted(origin) == 100
