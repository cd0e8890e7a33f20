"""Assemble the origin: services, routes, error handlers, and the background tasks of the application."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from flaghoist_origin.control.administration import Administration
from flaghoist_origin.control.after_commit import after_commit
from flaghoist_origin.control.writes import Writer
from flaghoist_origin.exposures.intake import Intake
from flaghoist_origin.exposures.look_ups import LookUps
from flaghoist_origin.exposures.rates import Rates
from flaghoist_origin.exposures.retention import EventRetention
from flaghoist_origin.fanout.choice import choose_transport
from flaghoist_origin.fanout.relay import Relay
from flaghoist_origin.http.resources.problems import HANDLERS, LastResort
from flaghoist_origin.http.routes.control.audit import audit_routes
from flaghoist_origin.http.routes.control.entities import entity_routes
from flaghoist_origin.http.routes.control.environments import environment_routes
from flaghoist_origin.http.routes.control.keys import key_routes
from flaghoist_origin.http.routes.control.publication import publication_routes
from flaghoist_origin.http.routes.control.rollback import rollback_routes
from flaghoist_origin.http.routes.control.signing_keys import signing_key_routes
from flaghoist_origin.http.routes.control.snapshot import snapshot_routes
from flaghoist_origin.http.routes.delivery.edge import edge_routes
from flaghoist_origin.http.routes.delivery.evaluate import evaluation_routes
from flaghoist_origin.http.routes.delivery.events import event_routes
from flaghoist_origin.http.routes.delivery.page_script import page_script_routes
from flaghoist_origin.http.routes.delivery.stream import stream_routes
from flaghoist_origin.http.routes.service.health import health_routes
from flaghoist_origin.http.routes.service.metrics import metrics_routes
from flaghoist_origin.http.routes.service.openapi import openapi_routes
from flaghoist_origin.http.routes.service.schemas import schema_routes
from flaghoist_origin.keys.key_uses import KeyUses
from flaghoist_origin.kv.client import KvClient
from flaghoist_origin.kv.measured import ObservedKv
from flaghoist_origin.observability.access_log import RequestRecorder
from flaghoist_origin.observability.outages import Outages
from flaghoist_origin.observability.requests import Observed
from flaghoist_origin.publishing.publisher import Publisher
from flaghoist_origin.publishing.withdrawal import Withdrawals
from flaghoist_origin.runtime.background import running
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.runtime.shutdown import Shutdown
from flaghoist_origin.services.services import Services
from flaghoist_origin.services.start import Start
from flaghoist_origin.serving.compiling import FlagSetCompiler
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.store import Store
from flaghoist_origin.streams.hub import Hub
from flaghoist_origin.streams.retention import Retention


def create_app(
    settings: Settings, *, store: Store, kv: KvClient | None, clock: Clock, access: RequestRecorder | None = None
) -> Starlette:
    """Return the origin; without ``kv`` nothing is published. The caller closes ``store`` and ``kv``.

    ``access`` receives every request.
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
    """Return the parts of the origin; what follows a commit is the list that `after_commit` returns."""
    outages = Outages(clock.now_ms)
    compiler = FlagSetCompiler(settings.secret, settings.ttl_seconds)
    environments = Environments(store, settings, compiler=compiler, now_ms=clock.now_ms, outages=outages)
    observed = ObservedKv(kv) if kv else None
    publisher = Publisher(store, environments, observed, settings, clock) if observed else None
    withdrawals = Withdrawals(store, observed, settings, clock) if observed else None
    on_places_changed = publisher.request_publish_all if publisher else _publish_nothing
    streams = Hub(store, environments, settings, clock, on_places_changed=on_places_changed)
    transport = choose_transport(settings)
    relay = Relay(transport, environments) if transport else None
    environments.subscribers = after_commit(
        publish=publisher.request_publish if publisher else None,
        withdraw=withdrawals.request_withdrawal if withdrawals else None,
        stream=streams.request_delivery,
        announce=relay.announce if relay else None,
    )
    intake = Intake(store, settings.secret, clock)
    return Services(
        settings=settings,
        store=store,
        environments=environments,
        writer=Writer(store, environments),
        administration=Administration(store, environments, clock.now_ms),
        clock=clock,
        streams=streams,
        key_uses=KeyUses(store, environments, clock),
        publisher=publisher,
        withdrawals=withdrawals,
        relay=relay,
        outages=outages,
        start=Start(store, environments, outages, settings.environment),
        shutdown=Shutdown(),
        intake=intake,
        look_ups=LookUps(intake, clock, is_on=settings.report_exposures),
        event_rates=Rates(settings.events_per_second, clock),
    )


def _publish_nothing() -> None:
    """Do nothing: this origin has no KV whose manifests name streams."""


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
        tasks = {
            "following other origins": services.start.follow,
            "remembering when keys were used": services.key_uses.run,
            "pruning the version log": _retention(services).run,
            "carrying changes to streams": services.streams.deliver,
            "watching over streams": services.streams.watch,
            "storing exposures of single look-ups": services.look_ups.run,
            "pruning events": EventRetention(services.store, services.settings, services.clock).run,
        }
        if services.publisher:
            tasks["publishing"] = services.publisher.run
        if services.relay:
            tasks["fan-out"] = services.relay.run
        if services.withdrawals:
            tasks["withdrawing removed environments"] = services.withdrawals.run
        async with running(**tasks):
            yield
            services.streams.drain()

    return lifespan


def _retention(services: Services) -> Retention:
    return Retention(services.store, services.environments, services.settings, services.clock)
