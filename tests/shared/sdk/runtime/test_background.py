"""The thread of a provider: stopped at once, and not ended by a fault of what it runs."""

import asyncio
import threading

import pytest

from flaghoist.sdk.runtime import background
from flaghoist.sdk.runtime.background import BackgroundThread

PATIENCE_SECONDS = 30.0


def test_background__stopped__has_cleaned_up_and_ended() -> None:
    begun, cleaned = threading.Event(), threading.Event()

    async def main() -> None:
        begun.set()
        try:
            await asyncio.sleep(3_600)
        finally:
            cleaned.set()

    thread = BackgroundThread(main, lambda _: None, "test")
    thread.start()
    assert begun.wait(PATIENCE_SECONDS)
    assert thread.stop(PATIENCE_SECONDS)
    assert cleaned.is_set()
    assert thread.stop(PATIENCE_SECONDS), "stopping again is harmless"


def test_background__fault__is_reported_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "FAULT_SECONDS", 0.0)
    faults, recovered = list[Exception](), threading.Event()

    async def main() -> None:
        if len(faults) < 2:
            raise RuntimeError("a fault")
        recovered.set()
        await asyncio.sleep(3_600)

    thread = BackgroundThread(main, faults.append, "test")
    thread.start()
    assert recovered.wait(PATIENCE_SECONDS)
    assert thread.stop(PATIENCE_SECONDS)
    assert [str(fault) for fault in faults] == ["a fault"] * 2
    assert "following the origin failed" in caplog.text
