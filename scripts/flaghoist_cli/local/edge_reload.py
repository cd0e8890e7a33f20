"""Restart a local edge whenever the Worker's sources change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from flaghoist_cli.build import staging
from flaghoist_cli.build.bundle import build_bundle
from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.local.edge_runtime import LocalEdge
from flaghoist_cli.terminal.failure import CommandFailed

POLL_SECONDS = 0.5

Fingerprint = tuple[tuple[str, int], ...]


def fingerprint(root: Path | None = None) -> Fingerprint:
    """Return name and modification time of every source file of the Worker in ``root``, this checkout unless given."""
    sources = staging.worker_sources(root or checkout())
    return tuple((str(name), path.stat().st_mtime_ns) for name, path in sources.items())


def _port(url: str) -> int:
    return urlsplit(url).port or 0


async def restart(edge: LocalEdge) -> None:
    """Build again and restart the edge on the same port; if the build fails, the old edge keeps running."""
    await asyncio.to_thread(build_bundle, edge.settings.bundle)
    edge.settings = replace(edge.settings, port=_port(edge.url), kv_port=_port(edge.kv_url))
    await edge.stop()
    await edge.start()


async def reload_on_change(edge: LocalEdge, report: Callable[[str], None]) -> None:
    """Watch until cancelled; ``report`` receives every restart and every failure."""
    seen = fingerprint()
    while True:
        await asyncio.sleep(POLL_SECONDS)
        current = fingerprint()
        if current == seen:
            continue
        seen = current
        try:
            await restart(edge)
        except CommandFailed as failure:
            report(f"not reloaded: {failure}")
        else:
            report("reloaded")
