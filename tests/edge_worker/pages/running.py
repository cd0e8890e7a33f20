"""A local edge before a real site, for tests of what only workerd can show."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from anyio.from_thread import start_blocking_portal

from flaghoist_cli.local.edge_runtime import EdgeSettings, LocalEdge, build_bundle
from tests.builders import a_clause, a_flag
from tests.edge_worker.fakes import FakeOrigin
from tests.edge_worker.origin_server import origin_server
from tests.edge_worker.pages.hostile import HOSTILE_FLAGS
from tests.published import CLIENT_KEY, SECRET, Published, published
from tests.servers.site import SiteServer, site_server

WARM_SECONDS = 60
NO_VARIABLES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Running:
    """An edge, by its base URL, that answers for a site and has the flags of an origin in memory."""

    edge: str
    site: SiteServer
    origin: FakeOrigin


def a_snapshot() -> Published:
    """Return flags that tell visitors apart, and hostile ones."""
    now_ms = int(time.time() * 1000)
    local = a_flag("local").on().client_visible().variations("far", near="here", far="there")
    return published(
        local.rule("here", a_clause("edge.country", "in", "DE"), serve="near"),
        a_flag("who").on().client_visible().rule("ada", a_clause("targetingKey", "in", "ada"), serve="on"),
        *HOSTILE_FLAGS,
        committed_at_ms=now_ms,
        confirmed_at_ms=now_ms,
    )


@contextmanager
def running_pages(variables: Mapping[str, str] = NO_VARIABLES) -> Iterator[Running]:
    """Run an edge, a site behind it, and an origin that has the snapshot; ``variables`` lie over those of the edge."""
    build_bundle()
    with (
        site_server() as site,
        origin_server(a_snapshot()) as (origin_url, origin),
        start_blocking_portal("asyncio") as portal,
    ):
        wired = {"ORIGINS": origin_url, "UPSTREAM_URL": site.url, "PAGE_KEY": CLIENT_KEY, **variables}
        running = LocalEdge(EdgeSettings(secret=SECRET.decode(), variables=wired))
        portal.call(running.start)
        try:
            _warm(running.url, site)
            yield Running(running.url, site, origin)
        finally:
            portal.call(running.stop)


def _warm(edge: str, site: SiteServer) -> None:
    """Visit until pages come from memory."""
    site.page("/warm", b"<head></head>")
    deadline = time.monotonic() + WARM_SECONDS
    while httpx.get(f"{edge}/warm", timeout=WARM_SECONDS).headers.get("Flaghoist-Level") != "0":
        assert time.monotonic() < deadline, "the edge never held the snapshot"
