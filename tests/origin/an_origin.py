"""An origin to test: all of the application over its own database, with a key of each kind and a clock that stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import httpx
import msgspec
from starlette.applications import Starlette

from flaghoist_origin.http.app import create_app
from flaghoist_origin.keys.keys import issue
from flaghoist_origin.kv.client import KvClient
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.services.services import Services
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.database.lease_time import origin_time
from flaghoist_origin.storage.database.records import KeyKind, Role
from flaghoist_origin.storage.store import Store
from tests.origin.databases import copy_database, make_database, url_in

START_MS = 1_800_000_000_000
BASE = "/api/v1/environments/production"
SECRET = "a secret for tests only"
JSON = "application/json"
KINDS: tuple[KeyKind, ...] = ("server", "client")
ROLES: tuple[Role, ...] = get_args(Role)


class StandingClock:
    """A clock that moves only when told."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.ms = now_ms

    def now_ms(self) -> int:
        return self.ms

    def advance(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)


@dataclass(frozen=True)
class AnOrigin:
    """A started origin; requests carry its admin key unless they say otherwise."""

    app: Starlette
    services: Services
    store: Store
    clock: StandingClock
    prepared: Prepared
    client: httpx.AsyncClient

    @property
    def keys(self) -> Mapping[str, str]:
        """Return the text of one key of each kind."""
        return self.prepared.keys

    @property
    def folder(self) -> Path:
        """Return the data folder."""
        return Path(self.services.settings.data_dir)

    async def get(self, path: str, kind: str = "admin", **headers: str) -> httpx.Response:
        return await self.request("GET", path, kind=kind, headers=headers)

    async def put(self, path: str, document: object, if_match: str | None = None) -> httpx.Response:
        return await self.request("PUT", path, document, if_match=if_match)

    async def patch(self, path: str, document: object, if_match: str | None = "*") -> httpx.Response:
        return await self.request("PATCH", path, document, if_match=if_match)

    async def delete(self, path: str, if_match: str | None = "*") -> httpx.Response:
        return await self.request("DELETE", path, if_match=if_match)

    async def post(self, path: str, document: object) -> httpx.Response:
        return await self.request("POST", path, document)

    async def request(
        self,
        method: str,
        path: str,
        document: object = None,
        *,
        kind: str = "admin",
        if_match: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.keys[kind]}", **(headers or {})}
        if if_match is not None:
            sent["If-Match"] = if_match
        encoded = {name.encode(): value.encode() for name, value in sent.items()}
        return await self.client.request(method, BASE + path, json=document, headers=encoded)

    async def send(self, method: str, path: str, body: bytes, if_match: str = "*") -> httpx.Response:
        """Send a body as it is."""
        sent = {"Authorization": f"Bearer {self.keys['admin']}", "Content-Type": JSON, "If-Match": if_match}
        return await self.client.request(method, BASE + path, content=body, headers=sent)

    async def key_of_role(self, role: Role) -> str:
        """Issue an admin key of ``role`` and return its text."""
        issued = await issue(self.store, "production", "admin", role, role=role)
        await self.services.environments.refresh("production")
        return issued.text

    async def version(self) -> int:
        """Return the version of the snapshot as stored, not as held."""
        return (await self.store.load("production")).version

    async def audit_targets(self) -> list[str]:
        """Return the targets in the audit log, newest first."""
        return [item["target"] for item in (await self.get("/audit?limit=1000")).json()["items"]]


def settings_in(folder: Path) -> Settings:
    """Return settings that keep everything in ``folder`` and publish nowhere."""
    return Settings(data_dir=str(folder), database_url=url_in(folder), secret=SECRET)


def store_in(folder: Path, clock: Clock, settings: Settings | None = None) -> Store:
    """Return a store on the folder's database, whose leases go by ``clock`` as well."""
    chosen = settings or settings_in(folder)
    return Store(chosen.url, clock, chosen.pool_limits, lease_time=origin_time(clock))


@dataclass(frozen=True)
class Prepared:
    """The folder of a database with its schema, its first environment and a key of each kind, to be copied."""

    folder: Path
    keys: Mapping[str, str]


async def prepare(folder: Path) -> Prepared:
    """Make the database that tests start from."""
    await make_database(folder)
    store = store_in(folder, StandingClock())
    try:
        await store.migrate()
        await store.create_environment("production")
        keys: dict[str, str] = {kind: (await issue(store, "production", kind, kind)).text for kind in KINDS}
        keys["admin"] = (await issue(store, "production", "admin", "admin", role="owner")).text
    finally:
        await store.close()
    return Prepared(folder, keys)


@asynccontextmanager
async def an_origin(
    folder: Path, kv: KvClient | None = None, prepared: Prepared | None = None, **changed: Any
) -> AsyncIterator[AnOrigin]:
    """Start an origin whose database is in ``folder``, a copy of the ``prepared`` one if it is not there yet.

    ``changed`` are settings that differ from the usual ones.
    """
    prepared = prepared or await prepare(folder)
    await copy_database(prepared.folder, folder)
    clock = StandingClock()
    chosen = msgspec.structs.replace(settings_in(folder), **changed)
    store = store_in(folder, clock, chosen)
    app = create_app(chosen, store=store, kv=kv, clock=clock)
    transport = httpx.ASGITransport(app)
    try:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://origin.test") as client,
        ):
            yield AnOrigin(app, app.state.services, store, clock, prepared, client)
    finally:
        await store.close()


def a_document(**members: object) -> dict[str, object]:
    """Return the body of a boolean flag that is on."""
    return {
        "variations": {"on": True, "off": False},
        "off_variation": "off",
        "fallthrough": {"variation": "on"},
        "on": True,
        **members,
    }
