"""Say at the route what a caller must be allowed to do: the handler runs for those alone, and is told who they are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from flaghoist_origin.http.operations.operation import Described, Operation
from flaghoist_origin.keys.access import Need
from flaghoist_origin.services.services import Visit, visit

Visited = Callable[[Request, Visit], Awaitable[Response]]


@dataclass(frozen=True)
class Guarded:
    """A handler behind its need; without a key that opens it the answer is 401 or 403, before the body is read."""

    need: Need
    handler: Visited

    async def __call__(self, request: Request) -> Response:
        """Admit the caller, then handle the request."""
        return await self.handler(request, visit(request, self.need))

    @property
    def operation(self) -> Operation | None:
        """What the handler promises, if it says so."""
        return self.handler.operation if isinstance(self.handler, Described) else None


def needs(need: Need, handler: Visited) -> Guarded:
    """Return ``handler`` for callers who may do ``need``."""
    return Guarded(need, handler)
