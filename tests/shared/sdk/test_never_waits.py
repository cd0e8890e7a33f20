"""Evaluations wait for nothing: not for handlers, not for the origin, not for a queue that is full."""

import asyncio
import threading
from pathlib import Path

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEvent, ProviderEventDetails
from openfeature.provider import FeatureProvider

from flaghoist.sdk.events import NO_RESPONSE, BatchResponse, EventQueue
from flaghoist.sdk.events.reporting import Reports
from flaghoist.sdk.provider import FlaghoistProvider
from flaghoist.sdk.snapshot.levels import Level
from flaghoist.sdk.snapshot.state import InitialSnapshot
from tests.builders import a_flagset
from tests.published import SERVER_KEY
from tests.shared.sdk.conftest import NewProvider
from tests.shared.sdk.making import a_release, a_snapshot, an_offline_provider, change
from tests.shared.sdk.origin_process import until
from tests.shared.sdk.recorded_events import CHANGED

UNITS = 500


def value(provider: FlaghoistProvider) -> str:
    return provider.resolve_string_details("release", "", EvaluationContext("ada")).value


def test_evaluation__while_a_handler_keeps_the_background__gives_the_newest_value(new_provider: NewProvider) -> None:
    provider, released, is_told = new_provider(offline=True, key=SERVER_KEY), threading.Event(), threading.Event()
    provider._store.start_from(InitialSnapshot(a_snapshot(a_release(1)), ""))

    def keep(_: FeatureProvider, event: ProviderEvent, _details: ProviderEventDetails) -> None:
        if event is CHANGED:
            is_told.set()
            released.wait()

    provider.attach(keep)
    data = change(a_flagset(a_release(1)), a_flagset(a_release(2)), "1-1", "1-2")
    background = threading.Thread(target=lambda: asyncio.run(provider._store.apply_document(data, Level.STREAMING, "")))
    background.start()
    try:
        until(is_told.is_set)
        assert value(provider) == "v2"
        assert provider.bootstrap() is not None
        assert set(provider.evaluate_all()) == {"release"}
        assert background.is_alive()
    finally:
        released.set()
        background.join()


def test_evaluation__while_the_queue_is_full_and_its_sender_stuck__goes_on(tmp_path: Path) -> None:
    released = threading.Event()

    def stuck(_: bytes) -> BatchResponse:
        released.wait()
        return NO_RESPONSE

    queue = EventQueue(stuck, most_events=10, batch=5)
    provider = an_offline_provider(tmp_path, a_release(1))
    provider._reports = Reports(queue)
    try:
        for number in range(UNITS):
            context = EvaluationContext(f"user-{number}")
            assert provider.resolve_string_details("release", "", context).value == "v1"
            provider.track("seen", context)
        status = queue.status()
        assert status.turned_away > 0
        assert status.waiting <= 10
    finally:
        released.set()
        queue.close(0.1)
