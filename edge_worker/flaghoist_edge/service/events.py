"""`/v1/events` at the edge: cheap checks only, then an origin accepts and acknowledges the events."""

from flaghoist.errors import KeyRefused, LimitExceeded, MethodNotAllowed
from flaghoist.limits import EVENTS_BYTES
from flaghoist.protocol.keys import find_key
from flaghoist.protocol.queries import read_query
from flaghoist.protocol.requests import Request, Response
from flaghoist_edge.origins.origins import Origins
from flaghoist_edge.ports.settings import WorkerSettings
from flaghoist_edge.ports.timing import EVENTS_DEADLINE_MS


class Events:
    """Forwards reported events to the origins."""

    def __init__(self, settings: WorkerSettings, origins: Origins) -> None:
        self._settings = settings
        self._origins = origins

    async def take(self, call: Request) -> Response:
        """Return an origin's answer; raise Unreachable, or the error of a request that no origin would accept."""
        if call.method != "POST":
            raise MethodNotAllowed(f"{call.path} takes POST, not {call.method[:20]}")
        if len(call.body) > EVENTS_BYTES.value:
            raise LimitExceeded(EVENTS_BYTES, len(call.body), too_large=True)
        environment = find_key(call.headers, read_query(call.query)).environment
        if not self._settings.serves(environment):
            raise KeyRefused(f"this key is of environment {environment}, which is not served here")
        return await self._origins.hand_on(call, EVENTS_DEADLINE_MS)
