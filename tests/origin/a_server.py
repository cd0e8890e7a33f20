"""An origin as a process of its own on a free port, over a database that holds keys and a few flags."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.origin.an_origin import BASE, SECRET, a_document, prepare, settings_in
from tests.servers.process import free_port, watched

ENTITIES: Mapping[str, object] = {
    "/segments/beta": {"included": ["ada"]},
    "/groups/tests": {},
    "/flags/checkout": a_document(client_visible=True, tags=["shop"]),
    "/flags/search": {
        **a_document(group={"key": "tests", "range": [0, 50_000]}),
        "rules": [
            {
                "id": "beta",
                "clauses": [{"op": "in_segment", "values": ["beta"]}],
                "serve": {"rollout": {"weights": [{"variation": "on", "weight": 100_000}]}},
            }
        ],
    },
}


@dataclass(frozen=True)
class AServer:
    """A running origin: its base URL, one key of each kind, and what it has logged so far."""

    url: str
    keys: Mapping[str, str]
    log: Path


@contextmanager
def a_server(folder: Path) -> Iterator[AServer]:
    """Run an origin in ``folder`` for the length of a block; what it logs stays in ``folder``."""
    keys = asyncio.run(prepare(folder)).keys
    port = free_port()
    log = folder / "origin.log"
    given = {"DATA_DIR": str(folder), "PORT": str(port), "SECRET": SECRET, "LOG_LEVEL": "warning"}
    settings = {**given, "DATABASE_URL": settings_in(folder).database_url}
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FLAGHOIST_")}
    environ |= {f"FLAGHOIST_{name}": value for name, value in settings.items()}
    with (
        log.open("wb") as stderr,
        subprocess.Popen([sys.executable, "-m", "flaghoist_origin"], env=environ, stderr=stderr) as one,
        watched(one.pid),
    ):
        try:
            server = AServer(f"http://127.0.0.1:{port}", keys, log)
            _fill(server, one)
            yield server
        finally:
            one.terminate()


def _fill(server: AServer, process: subprocess.Popen[bytes]) -> None:
    headers = {"Authorization": f"Bearer {server.keys['admin']}"}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        while not _answers(client):
            assert process.poll() is None, server.log.read_text()
            time.sleep(0.05)
        for path, entity in ENTITIES.items():
            client.put(BASE + path, json=entity).raise_for_status()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").is_success
    except httpx.TransportError:
        return False
