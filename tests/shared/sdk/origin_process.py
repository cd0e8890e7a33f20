"""An origin as a process of its own that can be killed, and started again on the same port and database."""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.origin.an_origin import BASE, SECRET, Prepared, settings_in
from tests.servers.process import HOST, ServerProcess, free_port

DEADLINE_SECONDS = 60.0
POLL_SECONDS = 0.02


class OriginProcess:
    """An origin over a prepared database; it does not run until `start`. ``settings`` differ from the usual ones."""

    def __init__(self, prepared: Prepared, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.keys: Mapping[str, str] = prepared.keys
        given = {
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "SECRET": SECRET,
            "LOG_LEVEL": "warning",
            "DATABASE_URL": settings_in(prepared.folder).database_url,
            **settings,
        }
        told = [f"FLAGHOIST_{name}={value}" for name, value in given.items()]
        self._process = ServerProcess(
            ["/usr/bin/env", *told, sys.executable, "-m", "flaghoist_origin"], self.port, folder / "log"
        )

    def start(self) -> None:
        """Start it, and return once it is ready."""
        self._process.start(self._is_ready)

    def kill(self) -> None:
        """End it at once."""
        self._process.stop(signal.SIGKILL)

    def put(self, path: str, document: object) -> None:
        """Write one entity, whatever is there."""
        self._send("PUT", path, document)

    def patch(self, path: str, document: object) -> None:
        """Change one entity that exists."""
        self._send("PATCH", path, document, **{"If-Match": "*"})

    def get(self, path: str) -> Any:
        """Return what the API gives."""
        return self._send("GET", path, None).json()

    def _send(self, method: str, path: str, document: object, **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.keys['admin']}", **headers}
        with httpx.Client(trust_env=False) as client:
            return client.request(method, self.url + BASE + path, json=document, headers=sent).raise_for_status()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False).is_success
        except httpx.TransportError:
            return False


@contextmanager
def running(origin: OriginProcess) -> Iterator[OriginProcess]:
    """Run an origin for the length of a block."""
    origin.start()
    try:
        yield origin
    finally:
        origin.kill()


def until(holds: Callable[[], bool], what: object = "") -> None:
    """Return once something holds; fail when it does not within a generous time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"this did not come true: {what() if callable(what) else what}"
        time.sleep(POLL_SECONDS)
