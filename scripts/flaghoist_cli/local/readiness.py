"""Wait until a part of the local stack answers, as long as its process runs."""

import asyncio

import httpx

from flaghoist.protocol.freshness import VERSION_HEADER
from flaghoist.protocol.keys import bearer
from flaghoist_cli.client.http_request import DIRECT
from flaghoist_cli.local.child import Child
from flaghoist_cli.terminal.failure import CommandFailed

READY_SECONDS = 60.0
POLL_SECONDS = 0.1
REQUEST_SECONDS = 5.0


async def until_answers(url: str, child: Child, name: str = "origin") -> None:
    """Return once ``url`` answers 200; raise CommandFailed if the child, ``name``, ends first or takes too long."""
    ending = asyncio.ensure_future(child.wait())
    asking = asyncio.ensure_future(_until_ok(url))
    try:
        await asyncio.wait({ending, asking}, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if ending.done() and not asking.done():
            raise CommandFailed(f"the {name} ended while starting (exit status {ending.result()}): see its last lines")
        if not asking.done():
            raise CommandFailed(f"{url} did not answer 200 within {READY_SECONDS:.0f} s: see the lines above")
    finally:
        ending.cancel()
        asking.cancel()


async def until_version(base_url: str, key: str, version: str) -> None:
    """Return once the edge answers from a snapshot at least as new as ``version``."""
    async with httpx.AsyncClient(base_url=base_url, timeout=REQUEST_SECONDS, mounts=DIRECT) as client:
        headers = {"Authorization": bearer(key)}
        path = f"/v1/bootstrap?min_version={version}"
        try:
            async with asyncio.timeout(READY_SECONDS):
                while (await _get(client, path, headers)).get(VERSION_HEADER) != version:
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise CommandFailed(
                f"the edge does not answer from version {version} after {READY_SECONDS:.0f} s: run `flaghoist doctor`"
            ) from None


async def _until_ok(url: str) -> None:
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS, mounts=DIRECT) as client:
        while True:
            try:
                if (await client.get(url)).is_success:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(POLL_SECONDS)


async def _get(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> httpx.Headers:
    try:
        return (await client.get(path, headers=headers)).headers
    except httpx.HTTPError:
        return httpx.Headers()
