"""`flaghoist environments` against a real origin in this process."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from flaghoist_cli.local.ports import HOST, claim
from flaghoist_origin.http.app import create_app
from flaghoist_origin.runtime.clock import SystemClock
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.store import Store
from tests.scripts.command import flaghoist

SECRET = "a secret for tests only"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Serve an origin; return its address and an owner's key of production."""
    settings = Settings(data_dir=str(tmp_path), secret=SECRET)
    made = flaghoist("keys", "create", "admin", "--name", "first", "--database-url", settings.url, "--json")
    port = claim(0, "--origin-port")
    store = Store(settings.url, SystemClock())
    app = create_app(settings, store=store, kv=None, clock=SystemClock())
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, lifespan="on", log_level="error"))

    async def serve() -> None:
        await server.serve()
        await store.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://{HOST}:{port}", json.loads(made.stdout)["key"]
    server.should_exit = True
    thread.join()


def test_environments__created_copied_listed_removed(served: tuple[str, str]) -> None:
    origin, key = served

    def run(*arguments: str, key: str = key) -> str:
        result = flaghoist("environments", *arguments, "--key", key, origin=origin)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    assert run("create", "staging", "--dry-run") == "would create the environment staging\n"
    text, said, _ = run("create", "staging").splitlines()
    assert text.startswith("fh_admin_staging_")
    assert said.startswith("created staging with 0 flags")
    copied = json.loads(run("copy", "staging", "copy", "--salts", "new", "--json", key=text))
    assert copied["environment"]["name"] == "copy"
    assert [line.split()[0] for line in run("list").splitlines()] == ["name", "copy", "production", "staging"]
    assert run("remove", "staging", "--dry-run", key=text) == (
        "would remove staging with its 0 flags and all of its keys\n"
    )
    assert run("remove", "staging", "--yes", key=text) == "removed staging with its 0 flags\n"
    assert [line.split()[0] for line in run("list").splitlines()] == ["name", "copy", "production"]


def test_environments_remove__key_of_another__refused_by_name(served: tuple[str, str]) -> None:
    origin, key = served
    flaghoist("environments", "create", "staging", "--key", key, origin=origin)
    result = flaghoist("environments", "remove", "staging", "--yes", "--key", key, origin=origin)
    assert result.exit_code == 1
    assert "this key is of environment production: use one of staging" in result.stderr
