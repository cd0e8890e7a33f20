"""What the routes of one application share, made once at start."""

from dataclasses import dataclass

from starlette.requests import Request

from origin.access import Caller, Need, admit, identify
from origin.clock import Clock
from origin.environment_state import Environments, EnvironmentState
from origin.fanout.relay import Relay
from origin.publisher import Publisher
from origin.settings import Settings
from origin.storage.store import Store
from origin.writes import Writer


@dataclass(frozen=True)
class Services:
    """The parts of the origin; routes find them with `services_of`."""

    settings: Settings
    store: Store
    environments: Environments
    writer: Writer
    clock: Clock
    publisher: Publisher | None
    relay: Relay | None = None


def services_of(request: Request) -> Services:
    """Return the services of the application that serves ``request``."""
    services: Services = request.app.state.services
    return services


@dataclass(frozen=True)
class Visit:
    """One admitted request to one environment: who asks, and the environment's state at that moment."""

    services: Services
    caller: Caller
    state: EnvironmentState

    @property
    def environment(self) -> str:
        """Return the environment's name."""
        return self.state.record.name


def visit(request: Request, need: Need) -> Visit:
    """Return the visit of a request to ``/environments/{env}/…``; raise KeyRefused, ActionForbidden or NotFound."""
    services = services_of(request)
    caller = identify(request.headers, services.environments, services.clock.now_ms())
    state = admit(caller, request.path_params["env"], need, services.environments)
    return Visit(services, caller, state)
