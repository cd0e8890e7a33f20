"""Guards declare what a caller must be allowed to do; the handler runs only for such callers and receives them."""

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
    """A guarded handler; without a sufficient key the answer is 401 or 403, before the body is read."""

    need: Need
    handler: Visited

    async def __call__(self, request: Request) -> Response:
        """Admit the caller, then handle the request."""
        return await self.handler(request, visit(request, self.need))

    @property
    def operation(self) -> Operation | None:
        """The handler's declaration, if there is one."""
        return self.handler.operation if isinstance(self.handler, Described) else None


def needs(need: Need, handler: Visited) -> Guarded:
    """Return ``handler`` for callers who may do ``need``."""
    return Guarded(need, handler)
