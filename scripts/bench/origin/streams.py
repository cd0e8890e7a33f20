"""Streams: one change to thousands of clients of one origin process, each with its own connection."""

import asyncio
import io
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import msgspec

from bench.edge.footprint import resident_bytes
from bench.edge.publication import ENVIRONMENT, QUIET, SECRET
from bench.measuring.results import FanOut
from bench.measuring.rounds import percentile
from flaghoist_cli.client.http_request import DIRECT
from flaghoist_cli.data.keys import ensure_local_keys
from flaghoist_cli.data.settings import variables_of
from flaghoist_cli.local.child import Child
from flaghoist_cli.local.ports import HOST, claim
from flaghoist_cli.local.readiness import until_answers
from flaghoist_cli.terminal.failure import CommandFailed
from flaghoist_origin.settings.settings import Settings

CLIENTS = (1_000, 5_000)
CHANGES = 6
_PATH = f"/api/v1/environments/{ENVIRONMENT}/flags/changed"
_DOCUMENT = {"variations": {"on": True, "off": False}, "off_variation": "off", "fallthrough": {"variation": "off"}}
_PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 60.0
_AT_ONCE = 100
_OTHER_FILES = 256
_NS_PER_MS = 1e6


class _Origin(msgspec.Struct, frozen=True):
    """A running origin: its port, its process, a client key, and its API."""

    port: int
    pid: int
    client_key: str
    api: httpx.Client


async def measure_streams(clients: Sequence[int] = CLIENTS, changes: int = CHANGES) -> Mapping[str, FanOut]:
    """Return by number of clients how long a change takes to reach all of them, and the origin's memory per client."""
    found = {}
    with _open_files(max(clients) + _OTHER_FILES):
        for count in clients:
            async with _origin() as origin:
                found[str(count)] = await _measure(origin, count, changes)
    return found


async def _measure(origin: _Origin, count: int, changes: int) -> FanOut:
    before = resident_bytes(origin.pid)
    clients = await _connected(origin, count)
    await asyncio.sleep(_PAUSE_SECONDS)
    bytes_each = (resident_bytes(origin.pid) - before) / count
    took_ms: list[float] = []
    missed = 0
    for number in range(changes):
        await asyncio.sleep(_PAUSE_SECONDS)
        committed_at_ms, version = await asyncio.to_thread(_change, origin.api, number)
        await _until_all_heard(clients, version)
        heard_at_ms = [client.heard[version] for client in clients if version in client.heard]
        missed += count - len(heard_at_ms)
        if number:  # the first one warms the origin up
            took_ms += [at_ms - committed_at_ms for at_ms in heard_at_ms]
    for client in clients:
        client.close()
    if not took_ms:
        raise CommandFailed(f"no change reached any of {count} streams")
    p50, p95, p99 = (round(percentile(sorted(took_ms), part), 1) for part in (0.5, 0.95, 0.99))
    return FanOut(count, changes - 1, p50, p95, p99, round(bytes_each), missed)


class _Client(asyncio.Protocol):
    """One web client: records when it received which version."""

    def __init__(self, request: bytes) -> None:
        self.heard: dict[str, float] = {}
        self.is_greeted = False
        self._request = request
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request for the stream."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Record the event; each arrives in one piece, because it is far smaller than a packet."""
        at_ms = time.time_ns() / _NS_PER_MS
        self.is_greeted = self.is_greeted or b"retry: " in data
        _, found, rest = data.partition(b'"etag":"')
        if found:
            self.heard[rest.partition(b'"')[0].decode()] = at_ms

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


async def _connected(origin: _Origin, count: int) -> list[_Client]:
    request = f"GET /v1/stream?key={origin.client_key} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    clients = [_Client(request) for _ in range(count)]
    loop = asyncio.get_running_loop()
    for start in range(0, count, _AT_ONCE):
        batch = clients[start : start + _AT_ONCE]
        await asyncio.gather(*(loop.create_connection(partial(_itself, each), HOST, origin.port) for each in batch))
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not all(each.is_greeted for each in batch):
                await asyncio.sleep(0.01)
    return clients


def _itself(client: _Client) -> _Client:
    return client


async def _until_all_heard(clients: Sequence[_Client], version: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not all(version in client.heard for client in clients) and time.monotonic() < until:
        await asyncio.sleep(0.05)


def _change(api: httpx.Client, number: int) -> tuple[float, str]:
    """Change one flag; return the time and the version of the commit."""
    changed = api.patch(_PATH, json={"description": f"change {number}"}, headers={"If-Match": "*"})
    changed.raise_for_status()
    committed = api.get(f"/api/v1/environments/{ENVIRONMENT}").raise_for_status().json()["committed_at_ms"]
    return committed, changed.headers["Flaghoist-Version"]


@asynccontextmanager
async def _origin() -> AsyncIterator[_Origin]:
    """Run an origin with a few flags that publishes nothing."""
    with TemporaryDirectory(prefix="flaghoist-bench-") as folder:
        port = claim(0, "--port")
        settings = Settings(data_dir=folder, host=HOST, port=port, secret=SECRET)
        keys = await ensure_local_keys(Path(folder), settings.url, settings.environment)
        environ = {**os.environ, **variables_of(settings), **QUIET}
        url = f"http://{HOST}:{port}"
        async with Child([sys.executable, "-m", "flaghoist_origin"], environ, prefix="", output=io.StringIO()) as child:
            await until_answers(f"{url}/healthz", child)
            headers = {"Authorization": f"Bearer {keys.admin}"}
            with httpx.Client(base_url=url, headers=headers, mounts=DIRECT, timeout=_PATIENCE_SECONDS) as api:
                api.put(_PATH, json=_DOCUMENT).raise_for_status()
                yield _Origin(port, child.pid or 0, keys.client, api)


@contextmanager
def _open_files(wanted: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != hard < wanted:
        raise CommandFailed(f"this process may open {hard} files and needs {wanted}: raise that with `ulimit -Hn`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
