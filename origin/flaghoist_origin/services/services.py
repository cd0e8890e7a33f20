"""The services that the routes of an application share, created once at start."""

from dataclasses import dataclass

from starlette.requests import Request

from flaghoist.protocol.keys import sent_key
from flaghoist_origin.control.administration import Administration
from flaghoist_origin.control.writes import Writer
from flaghoist_origin.exposures.intake import Intake
from flaghoist_origin.exposures.look_ups import LookUps
from flaghoist_origin.exposures.rates import Rates
from flaghoist_origin.fanout.relay import Relay
from flaghoist_origin.keys.access import Caller, Need, admit, identify
from flaghoist_origin.keys.key_uses import KeyUses
from flaghoist_origin.observability.outages import Outages
from flaghoist_origin.observability.requests import note_key
from flaghoist_origin.publishing.publisher import Publisher
from flaghoist_origin.publishing.withdrawal import Withdrawals
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.runtime.shutdown import Shutdown
from flaghoist_origin.services.start import Start
from flaghoist_origin.serving.environment_state import Environments, EnvironmentState
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.store import Store
from flaghoist_origin.streams.hub import Hub


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
        """Return the service that creates and removes environments."""
        return Administration(self.store, self.environments, self.clock.now_ms)


def services_of(request: Request) -> Services:
    """Return the services of the application that serves ``request``."""
    services: Services = request.app.state.services
    return services


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
    note_key(request.scope, caller.key.id)
    environment = request.path_params.get("env", caller.key.environment)
    state = admit(caller, environment, need, services.environments)
    services.key_uses.note(sent_key(request.headers))
    return Visit(services, caller, state)
