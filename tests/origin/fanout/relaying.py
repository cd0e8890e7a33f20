"""Relays under test: two origins on one database, each with a relay on the same transport."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from flaghoist.backoff import Backoff
from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.fanout.relay import Relay
from flaghoist_origin.fanout.transport import Transport
from tests.origin.a_publisher import ENVIRONMENT, AnAuthority, an_authority
from tests.origin.fake_kv import FakeKv
from tests.origin.subscribers import tell_after_commit

UNTIL_SECONDS = 20
BRIEF = Backoff(base_seconds=0.01, cap_seconds=0.1, draw=random.random)


@asynccontextmanager
async def relaying(authority: AnAuthority, transport: Transport) -> AsyncIterator[Relay]:
    """Run a relay for an origin."""
    relay = Relay(transport, authority.environments, backoff=BRIEF)
    tell_after_commit(authority.environments, relay.announce)
    running = asyncio.create_task(relay.run())
    try:
        await until(lambda: relay.is_connected)
        yield relay
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def two_origins(folder: Path, transport: Callable[[], Transport]) -> AsyncIterator[Sequence[AnAuthority]]:
    """Start two origins on the folder's database that tell each other of commits, and never poll."""
    async with (
        an_authority(folder, FakeKv()) as first,
        an_authority(folder, FakeKv(), holder="second") as second,
        relaying(first, transport()),
        relaying(second, transport()),
    ):
        yield first, second


async def until_held(authority: AnAuthority, version: SnapshotVersion) -> None:
    """Wait until an origin holds a version."""
    await until(lambda: authority.environments.get(ENVIRONMENT).record.snapshot_version == version)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(UNTIL_SECONDS):
        while not is_so():
            await asyncio.sleep(0.005)
