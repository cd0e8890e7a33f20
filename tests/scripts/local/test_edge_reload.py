"""What makes the local edge restart, and what does not."""

import asyncio
import os
from pathlib import Path

import pytest

from flaghoist_cli.build import staging
from flaghoist_cli.local import edge_reload
from flaghoist_cli.local.edge_runtime import LocalEdge
from flaghoist_cli.terminal.failure import CommandFailed

pytestmark = pytest.mark.anyio


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> list[edge_reload.Fingerprint]:
    """The fingerprint of the sources, for the test to replace; looked at without pause."""
    current: list[edge_reload.Fingerprint] = [(("entry.py", 1),)]
    monkeypatch.setattr(edge_reload, "fingerprint", lambda: current[0])
    monkeypatch.setattr(edge_reload, "POLL_SECONDS", 0)
    return current


async def reports(sources: list[edge_reload.Fingerprint], change: bool) -> list[str]:
    """Return what is reported while the sources change once, or not at all."""
    reported: list[str] = []
    watching = asyncio.create_task(edge_reload.reload_on_change(LocalEdge(), reported.append))
    for turn in range(20):
        await asyncio.sleep(0)
        if change and turn == 10:
            sources[0] = (("entry.py", 2),)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return reported


async def test_reload_on_change__changed_source__restarts_once(
    sources: list[edge_reload.Fingerprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def restart(_edge: LocalEdge) -> None:
        return None

    monkeypatch.setattr(edge_reload, "restart", restart)
    assert await reports(sources, change=True) == ["reloaded"]


async def test_reload_on_change__bundle_that_does_not_build__is_reported_and_watching_goes_on(
    sources: list[edge_reload.Fingerprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def restart(_edge: LocalEdge) -> None:
        raise CommandFailed("the entry imports relatively")

    monkeypatch.setattr(edge_reload, "restart", restart)
    assert await reports(sources, change=True) == ["not reloaded: the entry imports relatively"]


async def test_reload_on_change__nothing_changed__restarts_nothing(
    sources: list[edge_reload.Fingerprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def restart(_edge: LocalEdge) -> None:
        raise AssertionError("restarted")

    monkeypatch.setattr(edge_reload, "restart", restart)
    assert await reports(sources, change=False) == []


def test_fingerprint__touched_file__differs(tmp_path: Path) -> None:
    path = tmp_path / staging.ENTRY
    path.parent.mkdir(parents=True)
    path.write_text("")
    before = edge_reload.fingerprint(tmp_path)
    os.utime(path, ns=(1, 1))
    assert edge_reload.fingerprint(tmp_path) == (("entry.py", 1),) != before
