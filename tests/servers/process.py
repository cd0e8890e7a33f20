"""A server as a child process: started until it takes connections, killed, started again in the same place."""

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.02
# Its standard input ends with whoever started it, however that ends.
WATCH = ("/bin/sh", "-c", 'read -r _; kill -QUIT "$0"; kill "$0"')
PORTS = range(12_000, 32_000)
"""Below those that systems give out by themselves: nobody takes one of these while a server is started again."""


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    while not is_free(port := secrets.choice(PORTS)):
        pass
    return port


def is_free(port: int) -> bool:
    """Say whether a server could listen on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@contextmanager
def watched(pid: int) -> Iterator[None]:
    """Let a program end with us, however we end; within the block it is left alone."""
    with subprocess.Popen(
        [*WATCH, str(pid)], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as watcher:
        try:
            yield
        finally:
            watcher.kill()


class ServerProcess:
    """One program that listens on ``port``; ``user`` is whom it runs as, None for ourselves."""

    def __init__(self, command: Sequence[str], port: int, log: Path, *, user: int | None = None) -> None:
        self.port = port
        self._command, self._log, self._user = list(command), log, user
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None

    def start(self, is_ready: Callable[[], bool]) -> None:
        """Start it and return once ``is_ready``; fail with its log when it ends first or takes too long."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self._user,
                group=self._user,
            )
        self._watcher = subprocess.Popen(
            [*WATCH, str(self._process.pid)], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + START_SECONDS
        while not is_ready():
            is_starting = self._process.poll() is None and time.monotonic() < deadline
            assert is_starting, f"{self._command[0]} did not start:\n{self._log.read_text(errors='replace')}"
            time.sleep(POLL_SECONDS)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it with this signal, and with SIGKILL if it does not listen; does nothing when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        self._stop_watcher()
        process.send_signal(number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise

    def _stop_watcher(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.kill()
            watcher.communicate()


def listens(port: int) -> bool:
    """Say whether something takes connections on ``port``."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
