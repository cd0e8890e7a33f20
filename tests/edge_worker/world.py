"""One isolate with its surroundings, and requests to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from flaghoist.protocol.requests import Response
from flaghoist_edge.ports.platform import Kv, Platform, Signatures, Web
from flaghoist_edge.ports.settings import Site, WorkerSettings
from flaghoist_edge.service.service import Service
from tests.edge_worker.fakes import (
    FakeBackground,
    FakeClock,
    FakeEntropy,
    FakeExchange,
    FakeKv,
    FakeOrigin,
    FakeWeb,
    NoSignatures,
    OwnSignatures,
)
from tests.published import CLIENT_KEY, ENVIRONMENT, SECRET, Published, a_version

BULK = "/ofrep/v1/evaluate/flags"
BOOTSTRAP = "/v1/bootstrap"
HOME = "https://origin.example"
FAR = "https://far.example"


@dataclass
class World:
    """An isolate, its clock, KV and two origins in order."""

    service: Service
    clock: FakeClock
    kv: FakeKv
    home: FakeOrigin
    far: FakeOrigin
    signatures: OwnSignatures
    background: FakeBackground = field(default_factory=FakeBackground)

    async def send(self, exchange: FakeExchange) -> Response:
        """Return the answer to a request."""
        return await self.service.respond(replace(exchange, background=self.background))

    async def ask(
        self,
        path: str = BOOTSTRAP,
        context: object = None,
        *,
        key: str = CLIENT_KEY,
        headers: Mapping[str, str] | None = None,
        cf: Mapping[str, object] | None = None,
    ) -> Response:
        """Return the answer to a POST of a context; ``path`` may carry a query."""
        body = context or {}
        content = msgspec.json.encode(body if path.startswith(BOOTSTRAP) else {"context": body})
        sent = {"authorization": f"Bearer {key}", **(headers or {})}
        return await self.send(FakeExchange("POST", f"https://edge.example{path}", sent, content, cf or {}))

    async def get(self, path: str) -> Response:
        """Return the answer to a GET without a key."""
        return await self.send(FakeExchange("GET", f"https://edge.example{path}", {}))

    def publish(self, snapshot: Published) -> None:
        """Commit a snapshot at both origins and let it arrive in KV."""
        self.commit(snapshot)
        self.kv.put(snapshot)

    def commit(self, snapshot: Published) -> None:
        """Commit a snapshot at both origins; KV lags."""
        self.home.snapshot = snapshot
        self.far.snapshot = snapshot

    def confirm(self) -> None:
        """Let the publisher's heartbeat confirm in KV what the origin has."""
        self.kv.put(self.home.snapshot.but(confirmed_at_ms=self.clock.now))

    def break_origins(self, mode: str | int = "fails") -> None:
        """Let both origins fail."""
        self.home.mode = mode
        self.far.mode = mode


def a_service(
    kv: Kv,
    web: Web,
    clock: FakeClock,
    *,
    environments: tuple[str, ...] = (ENVIRONMENT,),
    signatures: Signatures | None = None,
    site: Site | None = None,
    reports_exposures: bool = False,
) -> Service:
    """Return an isolate that has answered nothing yet."""
    checks = signatures or NoSignatures()
    platform = Platform(kv=kv, web=web, clock=clock, entropy=FakeEntropy(), signatures=checks)
    settings = WorkerSettings(environments, (HOME, FAR), SECRET, reports_exposures, site)
    return Service(settings=settings, platform=platform, python="3.14.2")


def a_world(snapshot: Published | None = None, *, site: Site | None = None, reports_exposures: bool = False) -> World:
    """Return an isolate that holds nothing yet; the snapshot is in KV and at the origins."""
    clock = FakeClock()
    first = snapshot or a_version(1)
    kv = FakeKv(first.values())
    home, far = FakeOrigin(first, clock), FakeOrigin(first, clock)
    signatures = OwnSignatures()
    web = FakeWeb({HOME: home, FAR: far})
    service = a_service(kv, web, clock, signatures=signatures, site=site, reports_exposures=reports_exposures)
    return World(service, clock, kv, home, far, signatures)


class _Item(msgspec.Struct):
    value: str


class _Payload(msgspec.Struct):
    flags: dict[str, _Item]


def version_of(response: Response) -> str:
    """Return which version of `a_version` answered, by the value that its flag has."""
    assert response.status == 200, response
    flags = msgspec.json.decode(response.body, type=_Payload).flags
    return flags["release"].value if flags else ""


def level_of(response: Response) -> int:
    """Return the level that a response's headers tell."""
    return int({name.lower(): value for name, value in response.headers.items()}["flaghoist-level"])
