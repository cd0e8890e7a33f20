"""Keeping the newest snapshot on disk: not for every change, but at the end at the latest."""

import asyncio
import logging
from pathlib import Path

import pytest

from flaghoist.sdk.store import cache_file
from flaghoist.sdk.store.saving import Saver
from tests.published import ENVIRONMENT
from tests.shared.sdk.making import SEALER, a_release, a_snapshot

LONG = 3_600.0


async def saved_after(saver: Saver, *versions: str) -> None:
    """Save these versions one after the other, then stop."""
    running = asyncio.ensure_future(saver.run())
    for version in versions:
        saver.save_later(a_snapshot(a_release(1), version=version))
        for _ in range(50):
            await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def version_in(path: Path) -> str:
    return str(cache_file.decode(path.read_bytes(), ENVIRONMENT, SEALER).version)


def test_saver__several_changes__keeps_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, writes = tmp_path / "flags.cache", list[bytes]()
    write = cache_file.write_private_file

    def noted(path: Path, data: bytes) -> None:
        writes.append(data)
        write(path, data)

    monkeypatch.setattr(cache_file, "write_private_file", noted)
    asyncio.run(saved_after(Saver(path, SEALER, LONG), "1-1", "1-2", "1-3"))
    assert (version_in(path), len(writes)) == ("1-3", 2)


def test_saver__without_a_path__writes_nothing(tmp_path: Path) -> None:
    asyncio.run(saved_after(Saver(None, SEALER, LONG), "1-1"))
    assert not list(tmp_path.iterdir())


def test_saver__disk_that_refuses__is_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "flags.cache" / "in-the-way").mkdir(parents=True)
    path = tmp_path / "flags.cache"
    with caplog.at_level(logging.WARNING):
        asyncio.run(saved_after(Saver(path, SEALER, 0.0), "1-1", "1-2"))
    assert [record.getMessage() for record in caplog.records] == [
        f"cache file {path} cannot be written (Is a directory): without the origin, a start has none"
    ]
