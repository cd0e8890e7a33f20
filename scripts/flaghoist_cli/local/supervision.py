"""Supervise the parts of the local stack: the edge must run, the origin may die and be started again."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn, Protocol

from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.local.child import Child
from flaghoist_cli.local.edge_reload import reload_on_change
from flaghoist_cli.local.edge_runtime import LocalEdge
from flaghoist_cli.terminal.failure import CommandFailed

POLL_SECONDS = 0.5
RESTART_SIGNAL = signal.SIGUSR1
ORIGIN_SOURCES = ("origin/flaghoist_origin", "shared/flaghoist")


class Supervised(Protocol):
    """A supervised process."""

    @property
    def pid(self) -> int | None:
        """Its process id, None while it is stopped on purpose."""

    async def wait(self) -> int:
        """Return its exit status once it has ended."""


async def succeed(child: Child, otherwise: str) -> None:
    """Run a child to its end; raise CommandFailed with ``otherwise`` if it fails."""
    async with child:
        if await child.wait() != 0:
            raise CommandFailed(otherwise)


async def watch(
    edge: LocalEdge,
    origins: Sequence[Child],
    others: Mapping[str, Child],
    *,
    reloads: bool,
    report: Callable[[str], None],
) -> None:
    """Never return: raise CommandFailed when the edge or one of ``others`` ends by itself, or be cancelled."""
    wanted = [asyncio.Event() for _ in origins]

    def restart() -> None:
        for event in wanted:
            event.set()

    asyncio.get_running_loop().add_signal_handler(RESTART_SIGNAL, restart)
    jobs: list[Coroutine[Any, Any, None]] = [ends("edge", edge)]
    jobs += [ends(name, other) for name, other in others.items()]
    jobs += [_outlive(origin, event, report) for origin, event in zip(origins, wanted, strict=True)]
    if reloads:
        jobs += [reload_on_change(edge, lambda event: report(f"edge {event}"))]
        jobs += [_restart_on_change(origin, report) for origin in origins]
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def ends(name: str, part: Supervised) -> NoReturn:
    """Wait until the part ends by itself, then raise CommandFailed; a part that is stopped on purpose may come back."""
    while True:
        pid = part.pid
        if pid is None:
            await asyncio.sleep(POLL_SECONDS)
            continue
        status = await part.wait()
        if part.pid == pid:
            raise CommandFailed(f"the {name} ended by itself (exit status {status}): see its last lines above")


async def _outlive(origin: Child, wanted: asyncio.Event, report: Callable[[str], None]) -> None:
    """Report when an origin dies, because the edge continues without it; start it again on request."""
    while True:
        with suppress(CommandFailed):
            await ends("origin", origin)
        await origin.stop()
        report(f"the origin ended by itself; the edge continues to answer. To start it again: kill -USR1 {os.getpid()}")
        wanted.clear()
        await wanted.wait()
        await origin.start()
        report("origin started again")


async def _restart_on_change(origin: Child, report: Callable[[str], None]) -> None:
    seen = _fingerprint()
    while True:
        await asyncio.sleep(POLL_SECONDS)
        current = _fingerprint()
        if current != seen:
            seen = current
            await origin.stop()
            await origin.start()
            report("origin reloaded")


def _fingerprint() -> tuple[tuple[str, int], ...]:
    root = checkout()
    files = (path for package in ORIGIN_SOURCES for path in sorted((root / package).rglob("*.py")))
    return tuple((str(path), path.stat().st_mtime_ns) for path in files if path.exists())
