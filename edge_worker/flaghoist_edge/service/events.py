"""`/v1/events` at the edge: cheap checks only, then an origin accepts and acknowledges the events."""

from flaghoist.errors import LimitExceeded, MethodNotAllowed
from flaghoist.limits import EVENTS_BYTES
from flaghoist.protocol.keys import find_key
from flaghoist.protocol.queries import read_query
from flaghoist.protocol.requests import Request, Response
from flaghoist_edge.origins.origins import Origins
from flaghoist_edge.ports.settings import WorkerSettings
from flaghoist_edge.ports.timing import EVENTS_DEADLINE_MS


class Events:
    """Forwards reported events to the origins."""

    def __init__(self, *, settings: WorkerSettings, origins: Origins) -> None:
        self._settings = settings
        self._origins = origins

    async def relay_events(self, request: Request) -> Response:
        """Return an origin's answer; raise Unreachable, or the error of a request that no origin would accept."""
        if request.method != "POST":
            raise MethodNotAllowed(f"{request.path} takes POST, not {request.method[:20]}")
        if len(request.body) > EVENTS_BYTES.value:
            raise LimitExceeded(EVENTS_BYTES, len(request.body), too_large=True)
        self._settings.require_served(find_key(request.headers, read_query(request.query)).environment)
        return await self._origins.relay(request, EVENTS_DEADLINE_MS)
