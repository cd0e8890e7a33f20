"""Three origins on one PostgreSQL and one Valkey, as `flaghoist dev` starts them; every part can be killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from flaghoist_cli.client.target import read_running
from flaghoist_cli.data.settings import kv_token
from tests.e2e.dev_process import Announced, dev_process
from tests.e2e.kv import Kv
from tests.servers.postgres import PostgresServer, postgres_server
from tests.servers.valkey import ValkeyServer, valkey_server

ENVIRONMENT = "production"
DATABASE = "flags"
HOLDER = "SELECT lease_holder FROM publications WHERE environment = $1"
WRITTEN = "SELECT after::json ->> 'description' FROM audit WHERE environment = $1 AND target LIKE 'flags/%'"


@dataclass(frozen=True)
class Trio:
    """The running stack."""

    said: Announced
    folder: Path
    postgres: PostgresServer
    valkey: ValkeyServer
    kv: Kv

    @property
    def origins(self) -> list[str]:
        """Return the base URLs of all three."""
        return list(self.said["origins"])

    @property
    def bearer(self) -> dict[str, str]:
        """Return the header that carries the admin key."""
        return {"Authorization": f"Bearer {self.said['admin_key']}"}

    async def kill_publisher(self) -> None:
        """Kill the origin that is publishing: one whose write to KV hangs just now."""
        await asyncio.to_thread(self.kv.fail, rest="stall")
        while not (holder := await self._value(HOLDER)):
            await asyncio.sleep(0.01)
        os.kill(int(holder.rsplit("-", 2)[1]), signal.SIGKILL)
        await asyncio.to_thread(self.kv.work)

    def start_origins(self) -> None:
        """Start again what was killed."""
        running = read_running(self.folder)
        assert running is not None
        os.kill(running.pid, signal.SIGUSR1)

    async def descriptions(self) -> set[str]:
        """Return the descriptions that flags have had, by the audit log."""
        connection = await asyncpg.connect(self.postgres.url(DATABASE))
        try:
            return {row[0] for row in await connection.fetch(WRITTEN, ENVIRONMENT)}
        finally:
            await connection.close()

    async def _value(self, query: str) -> str:
        connection = await asyncpg.connect(self.postgres.url(DATABASE))
        try:
            return str(await connection.fetchval(query, ENVIRONMENT) or "")
        finally:
            await connection.close()


@contextmanager
def a_trio(folder: Path, http: httpx.Client) -> Iterator[Trio]:
    """Run databases, origins, KV and an edge; end all of them."""
    with postgres_server() as postgres, valkey_server(folder / "valkey") as valkey:
        asyncio.run(_create(postgres))
        options = ("--no-demo", "--database-url", postgres.url(DATABASE), "--redis-url", valkey.url, "--origins", "3")
        data = folder / "data"
        with dev_process(data, folder / "output.txt", folder / "log.txt", *options) as said:
            yield Trio(said, data, postgres, valkey, Kv(said["kv"], kv_token(data), http))


async def _create(postgres: PostgresServer) -> None:
    connection = await asyncpg.connect(postgres.url())
    try:
        await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()
