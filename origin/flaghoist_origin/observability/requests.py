"""The outermost layer: every request gets its id, is counted once, and causes one log line.

It records routes by their template and callers by the id of their key, so that neither metrics nor logs contain a
flag's key, a path, a query or a context.
"""

from functools import cache
from time import perf_counter

from prometheus_client import Histogram
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flaghoist_origin.observability import request_ids
from flaghoist_origin.observability.access_log import RequestRecord, RequestRecorder
from flaghoist_origin.observability.metrics import REQUESTS
from flaghoist_origin.observability.traces import TRACING, request_span

UNKNOWN_ROUTE = "unmatched"
CONVERTER = ":rest}"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
KEY = "flaghoist.key"
REQUEST_ID = request_ids.HEADER.lower().encode()


def set_key_id(scope: Scope, key_id: str) -> None:
    """Record the id of a request's key, for its line in the log."""
    scope[KEY] = key_id


def route_template(scope: Scope) -> str:
    """Return the template of the request's route, such as ``/v1/edge/{env}/manifest``."""
    route = scope.get("route")
    return _shown(route.path) if isinstance(route, Route) else UNKNOWN_ROUTE


def method_of(scope: Scope) -> str:
    """Return the request's method, ``other`` for an unknown one."""
    method: str = scope["method"]
    return method if method in METHODS else "other"


class Observed:
    """An ASGI application that records requests to the inner one; answers to probes cause no log line."""

    def __init__(self, app: ASGIApp, *, access: RequestRecorder | None = None) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; events other than requests are passed through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_ids.request_id(scope["headers"])
        request_ids.enter(request_id)
        watch = _Watch(scope, send, request_id)
        try:
            if TRACING.recorder is None or scope["path"] in PROBES:
                await self._app(scope, receive, watch.send)
            else:
                await self._trace(scope, receive, watch)
        finally:
            self._log(watch)

    async def _trace(self, scope: Scope, receive: Receive, watch: "_Watch") -> None:
        with request_span(method_of(scope), watch.request_id, scope["headers"]) as span:
            try:
                await self._app(scope, receive, watch.send)
            finally:
                span.end_request(method_of(scope), route_template(scope), watch.status)

    def _log(self, watch: "_Watch") -> None:
        if self._access and watch.route not in PROBES:
            seconds, key = perf_counter() - watch.started, watch.scope.get(KEY, "")
            answered = RequestRecord(watch.request_id, method_of(watch.scope), watch.route, watch.status, seconds, key)
            self._access.record_request(answered)


class _Watch:
    """One active request: sends its answer with the request id, and counts it when the answer begins."""

    __slots__ = ("_send", "request_id", "route", "scope", "started", "status")

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self.scope, self.request_id, self._send = scope, request_id, send
        self.started, self.status, self.route = perf_counter(), 0, UNKNOWN_ROUTE

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.route = message["status"], route_template(self.scope)
            message["headers"] = [*message["headers"], (REQUEST_ID, self.request_id.encode())]
            _counter(self.route, method_of(self.scope), self.status).observe(perf_counter() - self.started)
        await self._send(message)


@cache
def _counter(route: str, method: str, status: int) -> Histogram:
    return REQUESTS.labels(route, method, status)


@cache
def _shown(path: str) -> str:
    return path.replace(CONVERTER, "}")
