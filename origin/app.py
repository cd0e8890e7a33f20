"""Put the origin together: services, routes, error handlers, and what runs for as long as the application does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from origin.background import running
from origin.clock import Clock
from origin.environment_state import Environments
from origin.fanout.choice import choose_transport
from origin.fanout.relay import Relay
from origin.key_uses import KeyUses
from origin.kv_client import KvClient
from origin.problems import HANDLERS, LastResort
from origin.publisher import Publisher
from origin.routes.audit import audit_routes
from origin.routes.edge import edge_routes
from origin.routes.entities import entity_routes
from origin.routes.environments import environment_routes
from origin.routes.evaluate import evaluation_routes
from origin.routes.health import health_routes
from origin.routes.keys import key_routes
from origin.routes.publication import publication_routes
from origin.routes.rollback import rollback_routes
from origin.routes.snapshot import snapshot_routes
from origin.services import Services
from origin.settings import Settings
from origin.storage.store import Store
from origin.withdrawal import Withdrawals
from origin.writes import Writer
from shared.errors import Unavailable

LOG = logging.getLogger("flaghoist.origin")
START_SECONDS = 30.0


def create_app(settings: Settings, *, store: Store, kv: KvClient | None, clock: Clock) -> Starlette:
    """Return the origin; without ``kv`` nothing is published. Whoever made ``store`` and ``kv`` closes them."""
    services = create_services(settings, store=store, kv=kv, clock=clock)
    app = Starlette(
        routes=all_routes(),
        middleware=[Middleware(LastResort)],
        exception_handlers=dict(HANDLERS),
        lifespan=_lifespan(services),
    )
    app.router.redirect_slashes = False
    app.state.services = services
    return app


def create_services(settings: Settings, *, store: Store, kv: KvClient | None, clock: Clock) -> Services:
    """Return the parts of the origin, wired together: a commit wakes the publisher."""
    environments = Environments(store, settings, clock.now_ms)
    publisher = Publisher(store, environments, kv, settings, clock) if kv else None
    withdrawals = Withdrawals(store, kv, settings, clock) if kv else None
    if publisher:
        environments.on_commit.append(publisher.wake)
    transport = choose_transport(settings)
    relay = Relay(transport, environments) if transport else None
    for listener in (withdrawals.wake if withdrawals else None, relay.announce if relay else None):
        if listener:
            environments.on_commit.append(listener)
    writer, key_uses = Writer(store, environments), KeyUses(store, environments, clock)
    return Services(settings, store, environments, writer, clock, key_uses, publisher, relay, withdrawals)


def all_routes() -> list[BaseRoute]:
    """Return every route of the origin."""
    return [
        *environment_routes(),
        *entity_routes(),
        *snapshot_routes(),
        *rollback_routes(),
        *key_routes(),
        *audit_routes(),
        *publication_routes(),
        *evaluation_routes(),
        *edge_routes(),
        *health_routes(),
    ]


async def _begin(services: Services) -> None:
    """Prepare the database and load what it holds; wait a while for one that starts at the same time as we do."""
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while True:
        try:
            await services.store.migrate()
            await services.store.ensure_environment(services.settings.environment)
            return await services.environments.refresh_all()
        except Unavailable as error:
            if asyncio.get_running_loop().time() >= deadline:
                raise
            LOG.warning("not started yet: %s", error)
            await asyncio.sleep(error.retry_after_seconds)


def _lifespan(services: Services) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await _begin(services)
        works = {
            "following other origins": services.environments.follow,
            "remembering when keys were used": services.key_uses.run,
        }
        if services.publisher:
            works["publishing"] = services.publisher.run
        if services.relay:
            works["fan-out"] = services.relay.run
        if services.withdrawals:
            works["withdrawing removed environments"] = services.withdrawals.run
        async with running(**works):
            yield

    return lifespan
