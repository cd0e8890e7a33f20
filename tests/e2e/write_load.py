"""Writes at a steady rate, whatever breaks: what was acknowledged and when, and when KV showed it."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx

from tests.e2e.kv import Kv
from tests.e2e.trio import ENVIRONMENT, Trio

WRITES_PER_SECOND = 50
FLAGS = 10
REQUEST_SECONDS = 15.0
RETRY_SECONDS = 0.2
LOOK_SECONDS = 0.1
SWITCH = {
    "variations": {"on": True, "off": False},
    "off_variation": "off",
    "on": True,
    "fallthrough": {"variation": "on"},
}
LOOK_TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True)
class Acknowledged:
    """A write that an origin confirmed: the flag's new description, the version, and when (monotonic)."""

    flag: str
    description: str
    version: tuple[int, int]
    at: float


@dataclass
class Load:
    """What happened under load; ``seen`` is what KV held at which time."""

    trio: Trio
    acknowledged: list[Acknowledged] = field(default_factory=list)
    seen: list[tuple[float, tuple[int, int]]] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _is_over: bool = False

    def last(self) -> dict[str, Acknowledged]:
        """Return the last acknowledged write of each flag."""
        return {write.flag: write for write in sorted(self.acknowledged, key=lambda write: write.version)}

    def newest(self, before: float = float("inf")) -> tuple[int, int]:
        """Return the newest version that was acknowledged before a time."""
        return max((write.version for write in self.acknowledged if write.at < before), default=(0, 0))

    def lag_seconds(self) -> float:
        """Return the longest time between an acknowledgement and the look that found it in KV."""
        return max(self._seen_at(write.version) - write.at for write in self.acknowledged)

    async def until_in_kv(self, version: tuple[int, int], seconds: float) -> None:
        """Wait until KV holds a version; fail when it takes longer."""
        async with asyncio.timeout(seconds):
            while not self.seen or self.seen[-1][1] < version:
                await asyncio.sleep(LOOK_SECONDS / 2)

    def _seen_at(self, version: tuple[int, int]) -> float:
        return next(at for at, held in self.seen if held >= version)

    async def _write(self, client: httpx.AsyncClient, flag: str) -> None:
        """Write one flag again and again, each time at another origin; a write that fails is sent to the next."""
        origins = itertools.cycle(self.trio.origins)
        while not self._is_over:
            started = time.monotonic()
            description = str(next(self._numbers))
            while not self._is_over and not await self._put(client, next(origins), flag, description):
                await asyncio.sleep(RETRY_SECONDS)
            await asyncio.sleep(max(0.0, started + FLAGS / WRITES_PER_SECOND - time.monotonic()))

    async def _put(self, client: httpx.AsyncClient, origin: str, flag: str, description: str) -> bool:
        url = f"{origin}/api/v1/environments/{ENVIRONMENT}/flags/{flag}"
        headers = {**self.trio.bearer, "If-Match": "*"}
        try:
            answer = await client.patch(url, json={"description": description}, headers=headers)
        except httpx.TransportError:
            return False
        self.statuses.add(answer.status_code)
        if not answer.is_success:
            return False
        epoch, _, version = answer.headers["Flaghoist-Version"].partition("-")
        self.acknowledged.append(Acknowledged(flag, description, (int(epoch), int(version)), time.monotonic()))
        return True

    async def _look(self) -> None:
        # A look that meets a KV that was told to hang is given up, not waited for.
        with httpx.Client(timeout=LOOK_TIMEOUT_SECONDS) as client:
            kv = Kv(self.trio.kv.url, self.trio.kv.token, client)
            while True:
                with suppress(httpx.TransportError):
                    epoch, _, version = (await asyncio.to_thread(kv.published, ENVIRONMENT)).partition("-")
                    self.seen.append((time.monotonic(), (int(epoch), int(version))))
                await asyncio.sleep(LOOK_SECONDS)

    async def _create_flags(self, client: httpx.AsyncClient) -> None:
        for number in range(FLAGS):
            url = f"{self.trio.origins[0]}/api/v1/environments/{ENVIRONMENT}/flags/flag-{number}"
            answer = await client.put(url, json=SWITCH, headers=self.trio.bearer)
            assert answer.status_code in {201, 428}, answer.text


@asynccontextmanager
async def write_load(trio: Trio) -> AsyncIterator[Load]:
    """Write to all origins and look at KV for the length of a block; then wait until KV holds the last write."""
    load = Load(trio)
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as client:
        await load._create_flags(client)
        looking = asyncio.create_task(load._look())
        writing = [asyncio.create_task(load._write(client, f"flag-{number}")) for number in range(FLAGS)]
        try:
            yield load
            load._is_over = True
            await asyncio.gather(*writing)
            await load.until_in_kv(load.newest(), seconds=30)
        finally:
            for task in (looking, *writing):
                task.cancel()
            await asyncio.gather(looking, *writing, return_exceptions=True)
