"""What the routes of one application share, made once at start."""

from dataclasses import dataclass

from starlette.requests import Request

from origin.access import Caller, Need, admit, identify, presented_key
from origin.administration import Administration
from origin.clock import Clock
from origin.environment_state import Environments, EnvironmentState
from origin.events.intake import Intake
from origin.events.look_ups import LookUps
from origin.events.rates import Rates
from origin.fanout.relay import Relay
from origin.key_uses import KeyUses
from origin.observability.outages import Outages
from origin.observability.requests import note_key
from origin.publisher import Publisher
from origin.settings import Settings
from origin.shutdown import Shutdown
from origin.start import Start
from origin.storage.store import Store
from origin.streams.hub import Hub
from origin.withdrawal import Withdrawals
from origin.writes import Writer


@dataclass(frozen=True)
class Services:
    """The parts of the origin; routes find them with `services_of`."""

    settings: Settings
    store: Store
    environments: Environments
    writer: Writer
    clock: Clock
    streams: Hub
    key_uses: KeyUses
    publisher: Publisher | None
    outages: Outages
    start: Start
    shutdown: Shutdown
    intake: Intake
    look_ups: LookUps
    event_rates: Rates
    relay: Relay | None = None
    withdrawals: Withdrawals | None = None

    @property
    def administration(self) -> Administration:
        """Return what creates and removes environments."""
        return Administration(self.store, self.environments, self.clock.now_ms)


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
    """Return the visit of a request to ``/environments/{env}/…``; raise KeyRefused, ActionForbidden or NotFound.

    A path that names no environment is about that of the caller's key.
    """
    services = services_of(request)
    caller = identify(request.headers, services.environments, services.clock.now_ms())
    note_key(request.scope, caller.key.id)
    environment = request.path_params.get("env", caller.key.environment)
    state = admit(caller, environment, need, services.environments)
    services.key_uses.note(presented_key(request.headers))
    return Visit(services, caller, state)
