"""The server as a process: starts from its environment, ends cleanly on a signal."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import msgspec
import pytest

from flaghoist_cli.data.keys import issue_in_database
from flaghoist_origin.runtime.clock import SystemClock
from flaghoist_origin.server import UNTAKEN_MS, USER_TIMEOUT, _server
from flaghoist_origin.storage.store import Store
from tests.origin.an_origin import SECRET, settings_in
from tests.servers.process import free_port


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose database is SQLite: this is about the process."""
    return tmp_path_factory.mktemp("sqlite")


def start(folder: Path, **variables: str) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FLAGHOIST_")}
    given = {"FLAGHOIST_DATA_DIR": str(folder), **variables}
    return subprocess.Popen(
        [sys.executable, "-m", "flaghoist_origin"], env={**environ, **given}, stderr=subprocess.PIPE, text=True
    )


def answers(url: str, process: subprocess.Popen[str]) -> httpx.Response:
    while process.poll() is None:
        try:
            return httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(process.stderr.read() if process.stderr else "the server ended")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_server__signal__ends_with_zero(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    process = start(tmp_path, FLAGHOIST_PORT=str(port), FLAGHOIST_SECRET="s" * 32)
    try:
        response = answers(f"http://127.0.0.1:{port}/api/v1/environments/production/flags", process)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()

    assert response.status_code == 401
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert (tmp_path / "origin.sqlite3").exists()
    assert not (tmp_path / "origin.sqlite3-wal").exists()


def test_server__without_secret__says_which_variable(tmp_path: Path) -> None:
    process = start(tmp_path)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == 2
    assert errors.startswith("FLAGHOIST_SECRET: ")
    assert not (tmp_path / "origin.sqlite3").exists()


def test_server__signal_while_a_client_listens__sends_it_away_and_ends(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    key = asyncio.run(issue_in_database(settings_in(tmp_path).url, "production", "server", "test")).text
    process = start(tmp_path, FLAGHOIST_PORT=str(port), FLAGHOIST_SECRET=SECRET)
    try:
        answers(f"{url}/healthz", process)
        with httpx.stream("GET", f"{url}/v1/stream", headers={"Authorization": f"Bearer {key}"}) as response:
            lines = response.iter_lines()
            assert next(lines).startswith("retry: ")
            process.send_signal(signal.SIGTERM)
            rest = list(lines)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()

    assert [line.partition(":")[0] for line in rest if line] == ["id", "event", "data", "retry", ""]
    assert process.returncode == 0, errors
    assert "Cancel" not in errors, "nothing had to be cancelled for the end to come"


@pytest.mark.skipif(USER_TIMEOUT is None, reason="Linux alone drops connections whose other side takes nothing")
@pytest.mark.anyio
async def test_server__connections__are_dropped_when_nothing_is_taken(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(settings_in(tmp_path), port=0)
    store = Store(settings.url, SystemClock())
    server = _server(settings, store, None, SystemClock(), None)
    serving = asyncio.ensure_future(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    (listener,) = server.servers[0].sockets

    assert USER_TIMEOUT is not None
    assert listener.getsockopt(socket.IPPROTO_TCP, USER_TIMEOUT) == UNTAKEN_MS
    server.should_exit = True
    await serving
    await store.close()


def test_server__signal_with_notice__says_no_before_it_goes(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = start(
        tmp_path, FLAGHOIST_PORT=str(port), FLAGHOIST_SECRET="s" * 32, FLAGHOIST_SHUTDOWN_NOTICE_SECONDS="60"
    )
    try:
        before = answers(f"{url}/readyz", process)
        process.send_signal(signal.SIGTERM)
        during = answers(f"{url}/readyz", process)
        while during.status_code == 200:
            during = answers(f"{url}/readyz", process)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()

    assert before.status_code == 200
    assert during.json()["checks"][0] == {
        "name": "shutdown",
        "status": "fail",
        "detail": "this origin is shutting down",
        "environment": "",
    }
    assert process.returncode == 0, errors


def test_server__json_logs__every_line_is_an_object(tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path, FLAGHOIST_PORT=str(port), FLAGHOIST_SECRET="s" * 32)
    try:
        answers(f"http://127.0.0.1:{port}/api/v1/environments?key=hush", process)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()

    lines = [msgspec.json.decode(line) for line in errors.splitlines()]
    assert "hush" not in errors
    assert [line["route"] for line in lines if line["logger"] == "flaghoist.access"] == ["/api/v1/environments"]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
