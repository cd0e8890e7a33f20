"""One path with its methods, and the parts that answers about environments share."""

from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.control.preconditions import Preconditions, read_conditions
from flaghoist_origin.http.operations.operation import Handler, Operation
from flaghoist_origin.http.resources.guard import Guarded

ENVIRONMENT = "/api/v1/environments/{env}"
VERSION_HEADER = "Flaghoist-Version"
GUARDED = "/api/v1/"
NOT_STORED = {"Cache-Control": "private, no-cache", "Vary": "Authorization, X-API-Key"}


class Promising(Route):
    """A route and what each of its methods promises; it takes all methods unless ``methods`` are given."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        operations: Mapping[str, Operation],
        methods: Collection[str] | None = None,
    ) -> None:
        self.operations = operations
        super().__init__(path, endpoint, methods=methods)


class Resource(Promising):
    """A route that knows its handlers by method."""

    def __init__(self, path: str, handlers: Mapping[str, Handler]) -> None:
        self.handlers = handlers
        said = {method: getattr(handler, "operation", None) for method, handler in handlers.items()}
        promised = {method: each for method, each in said.items() if isinstance(each, Operation)}
        super().__init__(path, self._dispatch, promised, list(handlers))

    async def _dispatch(self, request: Request) -> Response:
        return await self.handlers["GET" if request.method == "HEAD" else request.method](request)


def resource(path: str, **handlers: Handler) -> Resource:
    """Return the route of ``path``: one handler per method, 405 for the others; GET answers HEAD as well.

    Below ``/api/v1/`` every handler is guarded: one that says nobody may use it is a fault of the program.
    """
    if path.startswith(GUARDED) and not all(isinstance(handler, Guarded) for handler in handlers.values()):
        raise TypeError(f"{path} says not who may use it: wrap its handlers in needs(…)")
    return Resource(path, handlers)


def conditions_of(request: Request) -> Preconditions:
    """Return the request's ``If-Match`` and ``If-None-Match``."""
    headers = request.headers
    return read_conditions(headers.getlist("if-match"), headers.getlist("if-none-match"))


def answer(
    body: Any,
    version: SnapshotVersion,
    *,
    etag: str = "",
    status: int = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return ``body`` as JSON, marked with the snapshot version that it belongs to."""
    sent = {**NOT_STORED, VERSION_HEADER: str(version), **({"ETag": etag} if etag else {}), **(headers or {})}
    return Response(msgspec.json.encode(body), status, headers=sent, media_type="application/json")


def answer_read(request: Request, body: Callable[[], Any], version: SnapshotVersion, etag: str) -> Response:
    """Return what ``body`` makes, or 304 if the caller holds ``etag`` already."""
    if conditions_of(request).is_unchanged(etag):
        headers = {**NOT_STORED, VERSION_HEADER: str(version), "ETag": etag}
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return answer(body(), version, etag=etag)
