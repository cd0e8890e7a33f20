"""The services that the routes of an application share, created once at start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

if TYPE_CHECKING:  # a route needs the parts that it uses, and not the code of all the others
    from flaghoist_origin.control.administration import Administration
    from flaghoist_origin.control.writes import Writer
    from flaghoist_origin.exposures.intake import Intake
    from flaghoist_origin.exposures.look_ups import LookUps
    from flaghoist_origin.exposures.rates import Rates
    from flaghoist_origin.fanout.relay import Relay
    from flaghoist_origin.keys.key_uses import KeyUses
    from flaghoist_origin.observability.outages import Outages
    from flaghoist_origin.publishing.publisher import Publisher
    from flaghoist_origin.publishing.withdrawal import Withdrawals
    from flaghoist_origin.runtime.clock import Clock
    from flaghoist_origin.runtime.shutdown import Shutdown
    from flaghoist_origin.services.start import Start
    from flaghoist_origin.serving.environments import Environments
    from flaghoist_origin.settings.settings import Settings
    from flaghoist_origin.storage.store import Store
    from flaghoist_origin.streams.hub import Hub


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts of the origin, made by `create_services`; routes find them with `services_of`.

    ``publisher``, ``withdrawals`` and ``relay`` are None where the settings name no KV and no transport.
    """

    settings: Settings
    store: Store
    environments: Environments
    writer: Writer
    administration: Administration
    clock: Clock
    streams: Hub
    key_uses: KeyUses
    publisher: Publisher | None
    withdrawals: Withdrawals | None
    relay: Relay | None
    outages: Outages
    start: Start
    shutdown: Shutdown
    intake: Intake
    look_ups: LookUps
    event_rates: Rates


def services_of(request: Request) -> Services:
    """Return the services of the application that serves ``request``."""
    services: Services = request.app.state.services
    return services
