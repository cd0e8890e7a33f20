"""Who may use a route: its handler runs only for callers whose key allows what it needs, and gets their visit."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from flaghoist.protocol.keys import sent_key
from flaghoist_origin.http.operations.operation import DescribedHandler, Operation
from flaghoist_origin.keys.access import Caller, Need, admit, identify
from flaghoist_origin.observability.requests import set_key_id
from flaghoist_origin.services.services import Services, services_of
from flaghoist_origin.serving.environment_state import EnvironmentState


@dataclass(frozen=True)
class Visit:
    """One admitted request to one environment: the caller, and the environment's state at that moment."""

    services: Services
    caller: Caller
    state: EnvironmentState

    @property
    def environment(self) -> str:
        """Return the environment's name."""
        return self.state.record.name


def visit(request: Request, need: Need) -> Visit:
    """Return the visit of a request to ``/environments/{env}/…``; raise KeyRefused, ActionForbidden or NotFound.

    A path without an environment refers to that of the caller's key.
    """
    services = services_of(request)
    caller = identify(request.headers, services.environments, services.clock.now_ms())
    set_key_id(request.scope, caller.key.id)
    environment = request.path_params.get("env", caller.key.environment)
    state = admit(caller, environment, need, services.environments)
    services.key_uses.record_use(sent_key(request.headers))
    return Visit(services, caller, state)


Visited = Callable[[Request, Visit], Awaitable[Response]]
"""Handles an admitted request."""


@dataclass(frozen=True)
class Guarded:
    """A guarded handler; without a sufficient key the answer is 401 or 403, before the body is read.

    ``operation`` is the handler's declaration, None if it has none.
    """

    need: Need
    handler: Visited
    operation: Operation | None = None

    async def __call__(self, request: Request) -> Response:
        """Admit the caller, then handle the request."""
        return await self.handler(request, visit(request, self.need))


def needs(need: Need, handler: Visited) -> Guarded:
    """Return ``handler`` for callers who may do ``need``."""
    if isinstance(handler, DescribedHandler):
        return Guarded(need, handler.handler, handler.operation)
    return Guarded(need, handler)
