"""Answer every request to the Worker: evaluation, preflight, health, page script; outermost error handler."""

import logging
from collections.abc import Callable, Mapping

from flaghoist.answers.page_script import SCRIPT_PATH, page_script
from flaghoist.errors import FlaghoistError
from flaghoist.protocol.cors import preflight
from flaghoist.protocol.edge_origin import edge_token
from flaghoist.protocol.events import EVENTS_PATH
from flaghoist.protocol.paths import METHODS, OFREP_PREFIX, path_of
from flaghoist.protocol.problems import refuse
from flaghoist.protocol.requests import Request, Response
from flaghoist_edge.evaluation.evaluation import Evaluator
from flaghoist_edge.evaluation.reporting import Reporter
from flaghoist_edge.freshness.cache import SnapshotCache
from flaghoist_edge.freshness.loader import SnapshotLoader
from flaghoist_edge.freshness.policy import FreshnessPolicy
from flaghoist_edge.origins.origins import Origins
from flaghoist_edge.pages.proxy import Pages
from flaghoist_edge.ports.platform import Exchange, Platform
from flaghoist_edge.ports.settings import WorkerSettings
from flaghoist_edge.service.events import Events
from flaghoist_edge.service.health import HEALTH_PATH, READY_PATH, Health

_OWN_PREFIXES = ("/v1/", OFREP_PREFIX)
_BUSIEST_PATHS = frozenset(path_of(route) for route in METHODS)
"""Answers that are our own whatever the request."""

_log = logging.getLogger(__name__)


class Service:
    """One per isolate: it holds the cache, but nothing of a request."""

    def __init__(self, *, settings: WorkerSettings, platform: Platform, python: str) -> None:
        clock, token = platform.clock, edge_token(settings.secret)
        origins = Origins(base_urls=settings.origins, token=token, web=platform.web, clock=clock)
        # Separate breakers: an origin that cannot store events can still evaluate.
        event_origins = Origins(base_urls=settings.origins, token=token, web=platform.web, clock=clock)
        is_reporting = settings.reports_exposures and settings.origins
        reporter = Reporter(origins=event_origins, clock=clock, entropy=platform.entropy) if is_reporting else None
        cache = SnapshotCache(settings.require_served)
        loader = SnapshotLoader(kv=platform.kv, origins=origins, secret=settings.secret, clock=clock)
        policy = FreshnessPolicy(cache=cache, loader=loader, clock=clock)
        self._evaluator = Evaluator(
            policy=policy, origins=origins, clock=clock, signatures=platform.signatures, reporter=reporter
        )
        self._pages = _pages(settings, platform, self._evaluator, reporter)
        self._health = Health(settings=settings, cache=cache, policy=policy, clock=clock, python=python)
        self._events = Events(settings=settings, origins=event_origins)
        self._plain: Mapping[str, Callable[[Request], Response]] = {
            HEALTH_PATH: self._health.alive,
            SCRIPT_PATH: page_script,
        }

    async def respond(self, exchange: Exchange) -> Response:
        """Return the response to any request; this is the outermost error handler."""
        request: Request | None = None
        try:
            request = await exchange.read()
            return await self._route(request, exchange)
        except FlaghoistError as error:
            return refuse(error, request)
        except Exception:
            _log.exception("a request could not be answered")
            return refuse(FlaghoistError("the request could not be answered: the Worker's log says why"), request)

    async def _route(self, request: Request, exchange: Exchange) -> Response:
        if request.path not in _BUSIEST_PATHS:
            response = await self._route_elsewhere(request, exchange)
            if response is not None:
                return response
        elif request.method == "OPTIONS":
            return preflight(request)
        return await self._evaluator.evaluate(request, exchange)

    async def _route_elsewhere(self, request: Request, exchange: Exchange) -> Response | None:
        """Return the response to a request that does not evaluate; None for one that does or is not for the Worker."""
        if self._pages is not None and not _is_own(request.path):
            return await self._pages.respond(request, exchange)
        if request.method == "OPTIONS":
            return preflight(request)
        if request.path == READY_PATH:
            return await self._health.ready(request, exchange)
        if request.path == EVENTS_PATH:
            return await self._events.relay_events(request)
        plain = self._plain.get(request.path)
        return plain(request) if plain else None


def _pages(
    settings: WorkerSettings, platform: Platform, evaluator: Evaluator, reporter: Reporter | None
) -> Pages | None:
    if settings.site is None:
        return None
    return Pages(
        site=settings.site,
        evaluate=evaluator.evaluate,
        report=reporter.report_look_ups if reporter else None,
        clock=platform.clock,
        entropy=platform.entropy,
    )


def _is_own(path: str) -> bool:
    """Return whether the Worker answers the path itself, even if only with 404."""
    return path.startswith(_OWN_PREFIXES) or path in (HEALTH_PATH, READY_PATH)
