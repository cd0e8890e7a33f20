"""Put the origin together: services, routes, error handlers, and what runs for as long as the application does."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from origin.background import running
from origin.clock import Clock
from origin.environment_state import Environments
from origin.events.intake import Intake
from origin.events.look_ups import LookUps
from origin.events.rates import Rates
from origin.events.retention import EventRetention
from origin.fanout.choice import choose_transport
from origin.fanout.relay import Relay
from origin.key_uses import KeyUses
from origin.kv_client import KvClient
from origin.observability.access_log import Access
from origin.observability.kv import ObservedKv
from origin.observability.outages import Outages
from origin.observability.requests import Observed
from origin.problems import HANDLERS, LastResort
from origin.publisher import Publisher
from origin.routes.audit import audit_routes
from origin.routes.edge import edge_routes
from origin.routes.entities import entity_routes
from origin.routes.environments import environment_routes
from origin.routes.evaluate import evaluation_routes
from origin.routes.events import event_routes
from origin.routes.health import health_routes
from origin.routes.keys import key_routes
from origin.routes.metrics import metrics_routes
from origin.routes.openapi import openapi_routes
from origin.routes.page_script import page_script_routes
from origin.routes.publication import publication_routes
from origin.routes.rollback import rollback_routes
from origin.routes.schemas import schema_routes
from origin.routes.signing_keys import signing_key_routes
from origin.routes.snapshot import snapshot_routes
from origin.routes.stream import stream_routes
from origin.services import Services
from origin.settings import Settings
from origin.shutdown import Shutdown
from origin.start import Start
from origin.storage.store import Store
from origin.streams.hub import Hub
from origin.streams.retention import Retention
from origin.withdrawal import Withdrawals
from origin.writes import Writer


def create_app(
    settings: Settings, *, store: Store, kv: KvClient | None, clock: Clock, access: Access | None = None
) -> Starlette:
    """Return the origin; without ``kv`` nothing is published. Whoever made ``store`` and ``kv`` closes them.

    ``access`` hears of every request.
    """
    services = create_services(settings, store=store, kv=kv, clock=clock)
    app = Starlette(
        routes=all_routes(),
        middleware=[Middleware(Observed, access=access), Middleware(LastResort)],
        exception_handlers=dict(HANDLERS),
        lifespan=_lifespan(services),
    )
    app.router.redirect_slashes = False
    app.state.services = services
    app.state.outages = services.outages
    return app


def create_services(settings: Settings, *, store: Store, kv: KvClient | None, clock: Clock) -> Services:
    """Return the parts of the origin, wired together: a commit wakes the publisher and the streams."""
    environments = Environments(store, settings, clock.now_ms)
    outages = Outages(clock.now_ms)
    environments.on_follow.append(lambda fault: outages.away(fault) if fault else outages.back())
    observed = ObservedKv(kv) if kv else None
    publisher = Publisher(store, environments, observed, settings, clock) if observed else None
    withdrawals = Withdrawals(store, observed, settings, clock) if observed else None
    if publisher:
        environments.on_commit.append(publisher.wake)
        environments.places.on_change.append(publisher.wake_all)
    if withdrawals:
        environments.on_commit.append(withdrawals.wake)
    streams = Hub(store, environments, settings, clock)
    environments.on_commit.append(streams.wake)
    transport = choose_transport(settings)
    relay = Relay(transport, environments) if transport else None
    if relay:
        environments.on_commit.append(relay.announce)
    intake = Intake(store, settings.secret, clock)
    return Services(
        settings,
        store,
        environments,
        Writer(store, environments),
        clock,
        streams,
        KeyUses(store, environments, clock),
        publisher,
        outages,
        Start(store, environments, outages, settings.environment),
        Shutdown(),
        intake,
        LookUps(intake, clock, is_on=settings.report_exposures),
        Rates(settings.events_per_second, clock),
        relay,
        withdrawals,
    )


def all_routes() -> list[BaseRoute]:
    """Return every route of the origin."""
    return [
        *environment_routes(),
        *entity_routes(),
        *snapshot_routes(),
        *rollback_routes(),
        *key_routes(),
        *signing_key_routes(),
        *audit_routes(),
        *publication_routes(),
        *evaluation_routes(),
        *event_routes(),
        *page_script_routes(),
        *edge_routes(),
        *stream_routes(),
        *health_routes(),
        *metrics_routes(),
        *openapi_routes(),
        *schema_routes(),
    ]


def _lifespan(services: Services) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await services.start.attempt()
        works = {
            "following other origins": services.start.follow,
            "remembering when keys were used": services.key_uses.run,
            "pruning the version log": _retention(services).run,
            "carrying changes to streams": services.streams.carry,
            "watching over streams": services.streams.watch,
            "storing exposures of single look-ups": services.look_ups.run,
            "pruning events": EventRetention(services.store, services.settings, services.clock).run,
        }
        if services.publisher:
            works["publishing"] = services.publisher.run
        if services.relay:
            works["fan-out"] = services.relay.run
        if services.withdrawals:
            works["withdrawing removed environments"] = services.withdrawals.run
        async with running(**works):
            yield
            services.streams.drain()

    return lifespan


def _retention(services: Services) -> Retention:
    return Retention(services.store, services.environments, services.settings, services.clock)
