"""`flaghoist dev` as a user meets it: one command, two addresses, a change seen at the edge, nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import httpx
import pytest

from tests.scripts.command import flaghoist

pytestmark = pytest.mark.e2e
START_SECONDS = 180.0
STOP_SECONDS = 30.0


class Dev:
    """A started `flaghoist dev`; its output is read line by line as it comes."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "flaghoist_cli", "dev", *arguments]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FLAGHOIST_")}
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
        )
        self.output: list[str] = []
        self.log: list[str] = []
        self._lines: Queue[str | None] = Queue()
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.output, True)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.log, False)),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: Iterator[str], lines: list[str], is_output: bool) -> None:
        for line in stream:
            lines.append(line.rstrip("\n"))
            self._lines.put(line)
        if is_output:
            self._lines.put(None)

    def wait_for(self, pattern: str) -> str:
        """Return the first line from now on, of output or log, that matches; fail when it ends or takes too long."""
        while True:
            try:
                line = self._lines.get(timeout=START_SECONDS)
            except Empty:
                line = None
            assert line is not None, "\n".join(["it ended or hung:", *self.output, *self.log])
            if re.search(pattern, line):
                return line

    def end(self) -> int:
        """Send SIGTERM and return the exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(STOP_SECONDS)
        for reader in self._readers:
            reader.join()
        return status

    def close(self) -> None:
        """Let go of it whatever happened."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for reader in self._readers:
            reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@contextmanager
def dev(*arguments: str) -> Iterator[Dev]:
    started = Dev(*arguments)
    try:
        yield started
    finally:
        started.close()


def on_free_ports(folder: Path) -> tuple[str, ...]:
    return ("--origin-port", "0", "--edge-port", "0", "--data-dir", str(folder))


def descendants(pid: int) -> set[int]:
    """Return the process ids of all that a process has started, and they in turn."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    children = {(int(parent), int(child)) for child, parent, state in rows if not state.startswith("Z")}
    found = {pid}
    while more := {child for parent, child in children if parent in found} - found:
        found |= more
    return found - {pid}


def running(pids: set[int]) -> set[int]:
    """Return which of these processes still run; what ended and is not yet collected does not."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return pids & {int(pid) for pid, state in rows if not state.startswith("Z")}


def bearer(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_dev__first_start__answers_shows_changes_and_ends_whole(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with dev(*on_free_ports(folder)) as stack:
        said = json.loads(stack.wait_for(r"^\{\"origin\""))
        _check_output(stack.output, said)
        _check_change(said)
        _check_commands(folder)
        started = descendants(stack.process.pid)
        assert len(started) >= 3, "node, workerd and the origin"
        assert stack.end() == 0
    assert running(started) == set()
    assert not (folder / "dev.json").exists()
    _check_second_start(folder, said)


def _check_output(output: list[str], said: Mapping[str, Any]) -> None:
    keys = {"admin_key", "client_key", "server_key"}
    assert set(said) == {"origin", "edge", "environment", "kv", "origins", "shop", *keys}
    assert said["shop"] == f"{said['edge']}/"
    assert said["origins"] == [said["origin"]]
    assert json.loads(output[-1]) == said
    pasted = [line.strip() for line in output if line.startswith("  curl ")]
    assert len(pasted) == 2
    for line in pasted:
        answer = json.loads(subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=True).stdout)
        assert "new-checkout" in str(answer["flags"])
    assert any('"new-checkout": {' in line for line in output), "a bootstrap that was just fetched"


def _check_change(said: Mapping[str, str]) -> None:
    url = f"{said['origin']}/api/v1/environments/production/flags/maintenance-notice"
    etag = httpx.get(url, headers=bearer(said["admin_key"])).headers["ETag"]
    changed = httpx.patch(url, headers={**bearer(said["admin_key"]), "If-Match": etag}, json={"on": True})
    version = changed.headers["Flaghoist-Version"]
    answer = httpx.get(
        f"{said['edge']}/v1/bootstrap", params={"min_version": version}, headers=bearer(said["client_key"])
    )
    assert answer.headers["Flaghoist-Version"] == version
    assert answer.json()["flags"]["maintenance-notice"]["value"] == "Orders pause tonight from 2 to 3."


def _check_commands(folder: Path) -> None:
    """The commands find the running stack by its data folder alone."""
    assert flaghoist("publish", data_dir=folder).exit_code == 0
    in_kv = flaghoist("diff", "kv", "origin", data_dir=folder)
    assert (in_kv.exit_code, "no difference between kv" in in_kv.stdout) == (0, True), in_kv.output
    verified = json.loads(flaghoist("verify", "--count", "20", "--json", data_dir=folder).stdout)
    assert (verified["mismatches"], verified["skipped"]) == ([], ["cookie-notice"])
    remote = flaghoist("eval", "dark-mode", "--remote", "--json", data_dir=folder)
    assert json.loads(remote.stdout)["value"] is True
    healthy = flaghoist("doctor", data_dir=folder)
    assert "ok    edge:" in healthy.stdout
    assert "fail" not in healthy.stdout


def _check_second_start(folder: Path, first: Mapping[str, str]) -> None:
    """Keys and flags are still there; the edge outlives the origin, and nothing outlives the edge."""
    with dev(*on_free_ports(folder)) as stack:
        origin = int(re.findall(r"\[(\d+)\]", stack.wait_for("Started server process"))[0])
        said = json.loads(stack.wait_for(r"^\{\"origin\""))
        keys = ("admin_key", "client_key", "server_key")
        assert [said[name] for name in keys] == [first[name] for name in keys]
        answer = httpx.get(f"{said['edge']}/v1/bootstrap", headers=bearer(said["client_key"]))
        assert answer.json()["flags"]["maintenance-notice"]["value"] == "Orders pause tonight from 2 to 3."
        os.kill(origin, signal.SIGKILL)
        stack.wait_for("the origin ended by itself; the edge continues to answer")
        answer = httpx.get(f"{said['edge']}/v1/bootstrap", headers=bearer(said["client_key"]))
        assert answer.json()["flags"]["maintenance-notice"]["value"] == "Orders pause tonight from 2 to 3."
        os.kill(stack.process.pid, signal.SIGUSR1)
        stack.wait_for("Application startup complete")
        assert httpx.get(f"{said['origin']}/healthz").status_code == 200
        started = descendants(stack.process.pid)
        os.kill(_edge_of(started), signal.SIGKILL)
        assert stack.process.wait(STOP_SECONDS) == 1
        stack.close()
        assert any("error: the edge ended by itself" in line for line in stack.log)
    assert running(started) == set()


def _edge_of(pids: set[int]) -> int:
    """Return the process id of the local edge among these."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids}
    (edge,) = (pid for pid, command in commands.items() if b"serve.mjs" in command)
    return edge


def test_dev__edge_alone__answers_with_defaults(tmp_path: Path) -> None:
    with dev(*on_free_ports(tmp_path / "data"), "--edge-alone") as stack:
        said = json.loads(stack.wait_for(r"^\{\"origin\""))
        answer = httpx.get(f"{said['edge']}/v1/bootstrap", headers=bearer(said["client_key"]), timeout=30)
        assert (answer.status_code, answer.json()["flags"], answer.headers["Flaghoist-Level"]) == (200, {}, "4")
        started = descendants(stack.process.pid)
        assert stack.end() == 0
    assert running(started) == set()


@pytest.mark.parametrize("moment", ["building the Worker", "starting the edge", "starting the origin"])
def test_dev__ended_while_starting__leaves_nothing(tmp_path: Path, moment: str) -> None:
    folder = tmp_path / "data"
    with dev(*on_free_ports(folder), "--no-demo") as stack:
        stack.wait_for(moment)
        started = descendants(stack.process.pid)
        assert stack.end() == 0
        assert stack.output == []
    assert running(started) == set()


def test_dev__busy_port__names_it_and_starts_nothing(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = flaghoist("dev", "--origin-port", str(port), "--edge-port", "0", data_dir=tmp_path / "data")
    assert result.exit_code == 1
    assert f"port {port} is in use" in result.stderr
    assert "--origin-port" in result.stderr


@pytest.mark.parametrize("url", ["localhost:3000", "ftp://localhost", "http://", "http://localhost:3000/?a=b"])
def test_dev__site_that_is_no_base_url__is_named_and_nothing_started(tmp_path: Path, url: str) -> None:
    result = flaghoist("dev", "--upstream-url", url, data_dir=tmp_path / "data")
    assert result.exit_code == 1
    assert f"--upstream-url {url.rstrip('/')} is not a base URL" in result.stderr
    assert not (tmp_path / "data").exists()
