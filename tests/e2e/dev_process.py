"""`flaghoist dev` as a user starts it: one command, whose last line names everything, ended by SIGTERM."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.process import watched

COMMAND = Path(sys.executable).with_name("flaghoist")
START_SECONDS = 180
STOP_SECONDS = 30
POLL_SECONDS = 0.1

Announced = dict[str, Any]


@contextmanager
def dev_process(data_dir: Path, output: Path, log: Path, *options: str) -> Iterator[Announced]:
    """Run `flaghoist dev` on free ports with its data in ``data_dir``; yield its last line; end it with SIGTERM."""
    command = [str(COMMAND), "dev", "--origin-port", "0", "--edge-port", "0", "--data-dir", str(data_dir), *options]
    with output.open("w") as stdout, log.open("w") as stderr:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True
        )
        with watched(process.pid):
            try:
                yield _until_announced(process, output, log)
            finally:
                _end(process)


def _until_announced(process: subprocess.Popen[bytes], output: Path, log: Path) -> Announced:
    deadline = time.monotonic() + START_SECONDS
    while (said := _last_line(output)) is None:
        is_alive = process.poll() is None and time.monotonic() < deadline
        assert is_alive, f"flaghoist dev did not start:\n{output.read_text()}\n{log.read_text()}"
        time.sleep(POLL_SECONDS)
    return said


def _last_line(output: Path) -> Announced | None:
    """Return the last line if it is a whole one and the object that is announced."""
    lines = output.read_text().splitlines(keepends=True)
    if not lines or not lines[-1].endswith("}\n"):
        return None
    try:
        said: Announced = json.loads(lines[-1])
    except ValueError:
        return None
    return said if "origin" in said else None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
