"""A site behind the Worker, without a network, and visitors of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flaghoist.protocol.requests import Response
from flaghoist_edge.pages.forwarded_responses import ForwardedResponse
from flaghoist_edge.ports.platform import ForwardedRequest, Unreachable
from flaghoist_edge.ports.settings import Site
from tests.edge_worker.fakes import FakeClock, FakeExchange
from tests.edge_worker.world import World, a_world
from tests.published import CLIENT_KEY, ENVIRONMENT, Published

SITE = Site("https://site.example", CLIENT_KEY, ENVIRONMENT)
OWN = "https://www.example"
HTML = {"content-type": "text/html; charset=utf-8"}
NAVIGATION = {"accept": "text/html,*/*;q=0.8", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@dataclass(frozen=True)
class FakeUpstream:
    """The head of an answer; ``headers`` by lower-case name."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: HTML)


@dataclass
class FakeSite:
    """Answers everything with one answer; ``mode`` is ok, fails or stalls."""

    clock: FakeClock
    upstream: FakeUpstream = field(default_factory=FakeUpstream)
    mode: str = "ok"
    delay_ms: int = 0
    asked: list[ForwardedRequest] = field(default_factory=list)
    given_up: int = 0

    async def answer(self, onward: ForwardedRequest) -> FakeUpstream:
        self.asked.append(onward)
        if self.mode == "fails":
            raise Unreachable("connection refused")
        if self.mode == "stalls":
            try:
                await self.clock.sleep(10**9)
            finally:
                self.given_up += 1
        if self.delay_ms:
            await self.clock.sleep(self.delay_ms)
        return self.upstream


@dataclass(frozen=True)
class Visit(FakeExchange):
    """A request that may be sent on to a site."""

    site: FakeSite | None = None

    async def forward(self, onward: ForwardedRequest) -> FakeUpstream:
        assert self.site is not None
        return await self.site.answer(onward)


@dataclass
class Place:
    """An isolate with a site behind it."""

    world: World
    site: FakeSite

    async def visit(
        self, path: str = "/", headers: Mapping[str, str] = NAVIGATION, *, method: str = "GET", own: str = OWN
    ) -> Response:
        """Return the answer to a request."""
        return await self.world.send(Visit(method, own + path, headers, site=self.site))

    async def page(self, headers: Mapping[str, str] | None = None, **rest: str) -> ForwardedResponse:
        """Return the page that a navigation brings, with these headers besides those of one."""
        forwarded = await self.visit("/", {**NAVIGATION, **(headers or {})}, **rest)
        assert isinstance(forwarded, ForwardedResponse)
        return forwarded

    def sends(self, status: int = 200, **headers: str) -> None:
        """Let the site send HTML with these headers besides, their names with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.site.upstream = FakeUpstream(status, {**HTML, **named})


def a_place(snapshot: Published | None = None, *, site: Site = SITE, reports_exposures: bool = False) -> Place:
    """Return an isolate that holds nothing yet, with a site behind it."""
    world = a_world(snapshot, site=site, reports_exposures=reports_exposures)
    return Place(world, FakeSite(world.clock))
