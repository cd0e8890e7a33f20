"""A real origin as a process that can be killed and started again on the same port and database."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from flaghoist.sdk.events import NO_RESPONSE, BatchResponse
from flaghoist_origin.keys.keys import issue
from flaghoist_origin.runtime.clock import SystemClock
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.store import Store
from tests.servers.process import HOST, ServerProcess, free_port

SECRET = "a secret for tests only"
ENVIRONMENT = "production"
TIMEOUT_SECONDS = 5.0


class KillableOrigin:
    """The origin's base URL and one key of each kind."""

    def __init__(self, folder: Path, keys: Mapping[str, str]) -> None:
        self.keys = keys
        port = free_port()
        self.url = f"http://{HOST}:{port}"
        given = {"DATA_DIR": str(folder), "PORT": str(port), "SECRET": SECRET, "LOG_LEVEL": "warning"}
        environ = [f"FLAGHOIST_{name}={value}" for name, value in given.items()]
        command = ["/usr/bin/env", *environ, sys.executable, "-m", "flaghoist_origin"]
        self._process = ServerProcess(command, port, folder / "origin.log")
        self.http = httpx.Client(base_url=self.url, timeout=TIMEOUT_SECONDS, trust_env=False)

    def start(self) -> None:
        self._process.start(self._is_ready)

    def kill(self) -> None:
        """End it as a crash does."""
        self._process.stop(signal.SIGKILL)

    def stop(self) -> None:
        self._process.stop()
        self.http.close()

    def send(self, body: bytes) -> BatchResponse:
        """Report events as the SDK does."""
        headers = {"Authorization": f"Bearer {self.keys['server']}", "Content-Type": "application/json"}
        try:
            answered = self.http.post("/v1/events", content=body, headers=headers)
        except httpx.TransportError:
            return NO_RESPONSE
        return BatchResponse(answered.status_code, answered.content)

    def counted(self, what: str = "exposures") -> list[dict[str, Any]]:
        """Return what the origin has counted."""
        headers = {"Authorization": f"Bearer {self.keys['admin']}"}
        answered = self.http.get(f"/api/v1/environments/{ENVIRONMENT}/{what}", headers=headers)
        items: list[dict[str, Any]] = answered.raise_for_status().json()["items"]
        return items

    def _is_ready(self) -> bool:
        try:
            return self.http.get("/readyz").is_success
        except httpx.TransportError:
            return False


@contextmanager
def killable_origin(folder: Path) -> Iterator[KillableOrigin]:
    """Run an origin with its data in ``folder`` for the length of a block."""
    made = KillableOrigin(folder, asyncio.run(_prepare(folder)))
    made.start()
    try:
        yield made
    finally:
        made.stop()


async def _prepare(folder: Path) -> Mapping[str, str]:
    store = Store(Settings(data_dir=str(folder)).url, SystemClock())
    try:
        await store.migrate()
        await store.create_environment(ENVIRONMENT)
        keys = {kind: (await issue(store, ENVIRONMENT, kind, kind)).text for kind in ("client", "server")}
        keys["admin"] = (await issue(store, ENVIRONMENT, "admin", "admin", role="owner")).text
    finally:
        await store.close()
    return keys
