"""The outermost layer: every request gets its id, is counted once, and leaves one line in the log.

It names routes by their template and callers by the id of their key, so that neither metrics nor logs hold a flag's
key, a path, a query or a context.
"""

from time import perf_counter

from prometheus_client import Histogram
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from origin.observability import request_ids
from origin.observability.access_log import Access
from origin.observability.metrics import REQUESTS
from origin.observability.traces import Span, request_span

UNKNOWN_ROUTE = "unmatched"
CONVERTER = ":rest}"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
KEY = "flaghoist.key"
NO_SPAN = Span()
REQUEST_ID = request_ids.HEADER.lower().encode()


def note_key(scope: Scope, key_id: str) -> None:
    """Remember which key a request came with, by its id."""
    scope[KEY] = key_id


def route_template(scope: Scope) -> str:
    """Return the template of the route that took the request, such as ``/v1/edge/{env}/manifest``."""
    route = scope.get("route")
    return route.path.replace(CONVERTER, "}") if isinstance(route, Route) else UNKNOWN_ROUTE


def method_of(scope: Scope) -> str:
    """Return the request's method, ``other`` for one that HTTP does not know."""
    method: str = scope["method"]
    return method if method in METHODS else "other"


class Observed:
    """An ASGI application that watches the one inside it; answers to probes leave no line."""

    def __init__(self, app: ASGIApp, *, access: Access | None = None) -> None:
        self._app, self._access = app, access
        self._children: dict[tuple[str, str, int], Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; anything but a request passes through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_ids.request_id(scope["headers"])
        request_ids.enter(request_id)
        if scope["path"] in PROBES:
            await self._answer(scope, receive, send, request_id, NO_SPAN)
            return
        with request_span(method_of(scope), request_id, scope["headers"]) as span:
            await self._answer(scope, receive, send, request_id, span)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str, span: Span) -> None:
        started, status = perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (REQUEST_ID, request_id.encode())]
                self._count(scope, status, perf_counter() - started)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            span.end_request(method_of(scope), route_template(scope), status)
            self._log(scope, request_id, status, perf_counter() - started)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        labels = (route_template(scope), method_of(scope), status)
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = REQUESTS.labels(*labels)
        child.observe(seconds)

    def _log(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = route_template(scope)
        if self._access and route not in PROBES:
            self._access.request(
                request_id=request_id,
                method=method_of(scope),
                route=route,
                status=status,
                seconds=seconds,
                key=scope.get(KEY, ""),
            )
