"""`/v1/events` at the edge: looked at as far as that costs nothing, then an origin's to take and to acknowledge."""

from edge_worker.origins import Origins
from edge_worker.settings import Settings
from edge_worker.timing import EVENTS_DEADLINE_MS
from shared.answers import Call, Reply
from shared.answers.keys import find_key
from shared.answers.queries import read_query
from shared.errors import KeyRefused, LimitExceeded, MethodNotAllowed
from shared.limits import EVENTS_BYTES


class Events:
    """Hands reported events on to the origins."""

    def __init__(self, settings: Settings, origins: Origins) -> None:
        self._settings = settings
        self._origins = origins

    async def take(self, call: Call) -> Reply:
        """Return what an origin answers; raise Unreachable, or the error of a request that none would take."""
        if call.method != "POST":
            raise MethodNotAllowed(f"{call.path} takes POST, not {call.method[:20]}")
        if len(call.body) > EVENTS_BYTES.value:
            raise LimitExceeded(EVENTS_BYTES, len(call.body), too_large=True)
        environment = find_key(call.headers, read_query(call.query)).environment
        if not self._settings.serves(environment):
            raise KeyRefused(f"this key is of environment {environment}, which is not served here")
        return await self._origins.hand_on(call, EVENTS_DEADLINE_MS)
