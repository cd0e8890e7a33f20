"""`flaghoist backup` and `flaghoist restore`, from one database into another."""

import asyncio
import json
from pathlib import Path

import pytest

from flaghoist_cli.data.databases import database_url
from flaghoist_cli.data.kv import kv_epochs
from flaghoist_origin.runtime.clock import SystemClock
from flaghoist_origin.storage.store import Store
from tests.scripts.command import flaghoist


def make_key(url: str) -> None:
    result = flaghoist("keys", "create", "admin", "--name", "first", "--database-url", url)
    assert result.exit_code == 0


@pytest.fixture
def live(tmp_path: Path) -> str:
    """Return the URL of a database that holds an environment with a key."""
    url = database_url("", tmp_path / "live")
    make_key(url)
    return url


def keys_in(url: str) -> list[str]:
    async def read() -> list[str]:
        store = Store(url, SystemClock())
        try:
            return [key.name for key in (await store.load("production")).keys]
        finally:
            await store.close()

    return asyncio.run(read())


def test_backup_and_restore__other_folder__holds_the_same(live: str, tmp_path: Path) -> None:
    file = str(tmp_path / "it.backup")
    printed = flaghoist("backup", file, "--database-url", live).stdout
    assert printed == f"wrote 4 rows to {file}: production at 1-0\n"

    result = flaghoist("restore", file, "--yes", data_dir=tmp_path / "new")

    assert result.stdout == "restored production as of 1-0, now 2-0\n"
    assert "KV was not read" in result.stderr
    assert keys_in(database_url("", tmp_path / "new")) == ["first"]


def test_backup__dry_run__writes_nothing(live: str, tmp_path: Path) -> None:
    file = tmp_path / "it.backup"
    assert flaghoist("backup", str(file), "--dry-run", "--database-url", live).exit_code == 0
    assert not file.exists()


def test_restore__dry_run_or_unconfirmed__writes_nothing(live: str, tmp_path: Path) -> None:
    file, new = str(tmp_path / "it.backup"), tmp_path / "new"
    flaghoist("backup", file, "--database-url", live)
    printed = flaghoist("restore", file, "--dry-run", data_dir=new).stdout
    assert printed == "would restore production as of 1-0\n"
    assert flaghoist("restore", file, data_dir=new).exit_code == 1
    assert not new.exists()


def test_restore__database_in_use__needs_replace(live: str, tmp_path: Path) -> None:
    file = str(tmp_path / "it.backup")
    flaghoist("backup", file, "--database-url", live)
    refused = flaghoist("restore", file, "--yes", "--database-url", live)
    assert (refused.exit_code, "--replace" in refused.stderr) == (1, True)
    replaced = flaghoist("restore", file, "--yes", "--replace", "--json", "--database-url", live)
    assert json.loads(replaced.stdout)[0]["version"] == "2-0"


def test_restore__no_file__fails_in_one_sentence(tmp_path: Path) -> None:
    result = flaghoist("restore", str(tmp_path / "none"), "--yes", data_dir=tmp_path)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


def test_kv_epochs__no_kv_known__none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLAGHOIST_KV_NAMESPACE", raising=False)
    assert asyncio.run(kv_epochs(tmp_path, ["production"])) is None
