"""One path with its methods, each of which is described, and guarded where it is about an environment."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flaghoist.protocol.sdk_origin import ENVIRONMENT_PATH
from flaghoist_origin.http.operations.operation import Handler, Operation
from flaghoist_origin.http.resources.guard import Guarded

ENVIRONMENT = ENVIRONMENT_PATH
GUARDED = "/api/v1/"


class DescribedRoute(Route):
    """A route with the declarations of its methods; it accepts all methods unless ``methods`` are given."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        operations: Mapping[str, Operation],
        methods: Collection[str] | None = None,
    ) -> None:
        self.operations = operations
        super().__init__(path, endpoint, methods=methods)


class Resource(DescribedRoute):
    """A route that selects its handler by method."""

    def __init__(self, path: str, handlers: Mapping[str, Handler]) -> None:
        self.handlers = handlers
        found = {method: getattr(handler, "operation", None) for method, handler in handlers.items()}
        operations = {method: each for method, each in found.items() if isinstance(each, Operation)}
        super().__init__(path, self._dispatch, operations, list(handlers))

    async def _dispatch(self, request: Request) -> Response:
        return await self.handlers["GET" if request.method == "HEAD" else request.method](request)


def resource(path: str, **handlers: Handler) -> Resource:
    """Return the route of ``path``: one handler per method, 405 for the others; GET answers HEAD as well.

    Below ``/api/v1/`` every handler must be guarded; one without a guard is a programming error.
    """
    if path.startswith(GUARDED) and not all(isinstance(handler, Guarded) for handler in handlers.values()):
        raise TypeError(f"{path} says not who may use it: wrap its handlers in needs(…)")
    return Resource(path, handlers)
