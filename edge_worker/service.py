"""Answer every request that reaches the Worker: evaluation, preflight, health, the page script; errors end here."""

import logging

from edge_worker.cache import Cache
from edge_worker.edge_attributes import EdgeAttributes
from edge_worker.evaluation import Evaluator
from edge_worker.health import HEALTH_PATH, READY_PATH, Health
from edge_worker.ladder import Ladder
from edge_worker.origins import Origins
from edge_worker.ports import Background, Clock, Incoming, Kv, Signatures, Web
from edge_worker.refresh import Refresher
from edge_worker.settings import Settings
from shared.answers import Call, Reply, is_evaluation, preflight, refuse
from shared.answers.page_script import SCRIPT_PATH, page_script
from shared.errors import FlaghoistError
from shared.limits import REQUEST_BYTES
from shared.sealing import edge_token

_log = logging.getLogger(__name__)


class Service:
    """One per isolate: it holds the cache, and nothing of any request."""

    def __init__(
        self, settings: Settings, *, kv: Kv, web: Web, clock: Clock, signatures: Signatures, python: str
    ) -> None:
        cache = Cache()
        origins = Origins(settings.origins, edge_token(settings.secret), web, clock)
        ladder = Ladder(cache, Refresher(kv, origins, settings.secret, clock), clock)
        self._health = Health(settings, cache, ladder, clock, python)
        self._evaluator = Evaluator(settings, ladder, origins, clock, signatures)

    async def respond(self, incoming: Incoming, background: Background) -> Reply:
        """Return the reply to any request; this is the outermost handler of errors."""
        call: Call | None = None
        try:
            call = await _read_call(incoming)
            return await self._route(call, incoming, background)
        except FlaghoistError as error:
            return refuse(error, call)
        except Exception:
            _log.exception("a request could not be answered")
            return refuse(FlaghoistError("the request could not be answered: the Worker's log says why"), call)

    async def _route(self, call: Call, incoming: Incoming, background: Background) -> Reply:
        if call.method == "OPTIONS":
            return preflight(call)
        if call.path == HEALTH_PATH:
            return self._health.alive(call)
        if call.path == READY_PATH:
            return await self._health.ready(call, background)
        if call.path == SCRIPT_PATH:
            return page_script(call)
        return await self._evaluator.evaluate(call, EdgeAttributes(incoming.cf), background)


async def _read_call(incoming: Incoming) -> Call:
    """Return the request as plain data; a body is read only where one is taken."""
    method = incoming.method
    path, query = split_url(incoming.url)
    takes_body = method == "POST" and is_evaluation(path)
    body = await incoming.body(REQUEST_BYTES.value) if takes_body else b""
    return Call(method, path, query, incoming.headers, body)


def split_url(url: str) -> tuple[str, str]:
    """Return path and query of an absolute URL, percent-encoding kept."""
    without_fragment = url.partition("#")[0]
    target = without_fragment.partition("://")[2]
    before, _, query = target.partition("?")
    _, slash, path = before.partition("/")
    return slash + path or "/", query
