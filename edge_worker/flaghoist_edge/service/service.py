"""Answer every request to the Worker: evaluation, preflight, health, page script; outermost error handler."""

import logging
from collections.abc import Callable, Mapping

from flaghoist.answers.page_script import SCRIPT_PATH, page_script
from flaghoist.errors import FlaghoistError
from flaghoist.limits import EVENTS_BYTES, REQUEST_BYTES
from flaghoist.protocol.cors import preflight
from flaghoist.protocol.events import EVENTS_PATH
from flaghoist.protocol.paths import METHODS, OFREP_PREFIX, is_evaluation, path_of
from flaghoist.protocol.problems import refuse
from flaghoist.protocol.requests import Request, Response
from flaghoist.snapshot.sealing import edge_token
from flaghoist_edge.evaluation.edge_attributes import EdgeAttributes
from flaghoist_edge.evaluation.evaluation import Evaluator
from flaghoist_edge.evaluation.reporting import Reporter
from flaghoist_edge.freshness.cache import SnapshotCache
from flaghoist_edge.freshness.loader import SnapshotLoader
from flaghoist_edge.freshness.policy import FreshnessPolicy
from flaghoist_edge.origins.origins import Origins
from flaghoist_edge.pages.proxy import Pages
from flaghoist_edge.ports.platform import Background, IncomingRequest, Platform
from flaghoist_edge.ports.settings import WorkerSettings
from flaghoist_edge.service.events import Events
from flaghoist_edge.service.health import HEALTH_PATH, READY_PATH, Health

_OWN_PREFIXES = ("/v1/", OFREP_PREFIX)
_BUSIEST_PATHS = frozenset(path_of(route) for route in METHODS)
"""Answers that are our own whatever the request."""

_log = logging.getLogger(__name__)


class Service:
    """One per isolate: it holds the cache, but nothing of a request."""

    def __init__(self, settings: WorkerSettings, surroundings: Platform, python: str) -> None:
        clock, entropy = surroundings.clock, surroundings.entropy
        cache = SnapshotCache()
        origins = Origins(settings.origins, edge_token(settings.secret), surroundings.web, clock)
        # Separate breakers: an origin that cannot store events can still evaluate.
        takers = Origins(settings.origins, edge_token(settings.secret), surroundings.web, clock)
        reporter = Reporter(takers, clock, entropy) if settings.reports_exposures and settings.origins else None
        ladder = FreshnessPolicy(cache, SnapshotLoader(surroundings.kv, origins, settings.secret, clock), clock)
        self._health = Health(settings, cache, ladder, clock, python)
        self._evaluator = Evaluator(settings, ladder, origins, clock, surroundings.signatures, reporter=reporter)
        self._events = Events(settings, takers)
        self._pages = Pages(settings.site, self._evaluator, reporter, clock, entropy) if settings.site else None
        self._plain: Mapping[str, Callable[[Request], Response]] = {
            HEALTH_PATH: self._health.alive,
            SCRIPT_PATH: page_script,
        }

    async def respond(self, incoming: IncomingRequest, background: Background) -> Response:
        """Return the reply to any request; this is the outermost error handler."""
        call: Request | None = None
        try:
            call = await _read_call(incoming)
            return await self._route(call, incoming, background)
        except FlaghoistError as error:
            return refuse(error, call)
        except Exception:
            _log.exception("a request could not be answered")
            return refuse(FlaghoistError("the request could not be answered: the Worker's log says why"), call)

    async def _route(self, call: Request, incoming: IncomingRequest, background: Background) -> Response:
        if call.path not in _BUSIEST_PATHS:
            reply = await self._route_elsewhere(call, incoming, background)
            if reply is not None:
                return reply
        elif call.method == "OPTIONS":
            return preflight(call)
        return await self._evaluator.evaluate(call, EdgeAttributes(incoming.cf), background)

    async def _route_elsewhere(
        self, call: Request, incoming: IncomingRequest, background: Background
    ) -> Response | None:
        """Return the reply to a request that does not evaluate; None for one that does or is not for the Worker."""
        if self._pages is not None and not _is_own(call.path):
            return await self._pages.respond(call, incoming, background)
        if call.method == "OPTIONS":
            return preflight(call)
        if call.path == READY_PATH:
            return await self._health.ready(call, background)
        if call.path == EVENTS_PATH:
            return await self._events.take(call)
        plain = self._plain.get(call.path)
        return plain(call) if plain else None


def _is_own(path: str) -> bool:
    """Return whether the Worker answers the path itself, even if only with 404."""
    return path.startswith(_OWN_PREFIXES) or path in (HEALTH_PATH, READY_PATH)


async def _read_call(incoming: IncomingRequest) -> Request:
    """Read the request as plain data; a body is read only if the route takes one."""
    method = incoming.method
    path, query = split_url(incoming.url)
    body = b""
    if method == "POST":
        if is_evaluation(path):
            body = await incoming.body(REQUEST_BYTES.value)
        elif path == EVENTS_PATH:
            body = await incoming.body(EVENTS_BYTES.value)
    return Request(method, path, query, incoming.headers, body)


def split_url(url: str) -> tuple[str, str]:
    """Return path and query of an absolute URL, percent-encoding kept."""
    without_fragment = url.partition("#")[0]
    target = without_fragment.partition("://")[2]
    before, _, query = target.partition("?")
    _, slash, path = before.partition("/")
    return slash + path or "/", query
