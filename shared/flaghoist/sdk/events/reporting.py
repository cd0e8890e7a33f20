"""Report used flags and tracked events to the origin, without ever blocking the caller."""

import os
import time
from collections.abc import Callable, Mapping

import httpx
from openfeature.evaluation_context import EvaluationContext
from openfeature.track import TrackingEventDetails

from flaghoist.model.context import Context, unit
from flaghoist.model.flags import TARGETING_KEY
from flaghoist.model.outcome import Outcome
from flaghoist.protocol.events import EVENTS_PATH, Attribute
from flaghoist.protocol.keys import bearer
from flaghoist.sdk.events import NO_RESPONSE, BatchResponse, EventQueue, Track, new_id
from flaghoist.sdk.runtime import forks
from flaghoist.sdk.runtime.options import Options
from flaghoist.text.retry_after import retry_after_seconds

SOURCE = "sdk"
CLOSE_SECONDS = 2.0
_SCALARS = (str, bool, int, float)
_SERVER_FAULT = 500


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Reports:
    """Turns evaluations and tracked events into events of a queue; ``closed`` is called at the end."""

    def __init__(
        self, queue: EventQueue, closed: Callable[[], None] = lambda: None, now_ms: Callable[[], int] = _now_ms
    ) -> None:
        self.queue = queue
        self._closed = closed
        self._now_ms = now_ms

    def close(self) -> None:
        """Send or spool the rest, within some seconds."""
        self.queue.close(CLOSE_SECONDS)
        self._closed()

    def report_evaluation(self, outcome: Outcome, context: Context, version: str) -> None:
        """Report that the context's unit was given the outcome's variation; without one there is no exposure."""
        if outcome.variation is not None:
            known = unit(context.get(TARGETING_KEY)) or ""
            self.queue.expose(outcome.flag_key, outcome.variation, version=version, unit=known)

    def report_event(self, name: str, given: EvaluationContext | None, details: TrackingEventDetails | None) -> bool:
        """Report that something happened; return whether the queue took it. Only scalar attributes are sent."""
        attributes: Mapping[str, Attribute] = {
            key: value for key, value in (details.attributes if details else {}).items() if isinstance(value, _SCALARS)
        }
        return self.queue.put(
            Track(
                id=new_id(),
                name=name,
                at=self._now_ms(),
                unit=(given.targeting_key if given else None) or "",
                value=details.value if details else None,
                attributes=attributes,
                source=SOURCE,
            )
        )


def reports_to(options: Options) -> Reports:
    """Return reports to the options' origins, spooled to disk while no origin accepts them."""
    sender = Sender(options)
    return Reports(EventQueue(sender.send, spool=options.spool_folder), sender.close)


class Sender:
    """Posts batches to the first origin that accepts them; one thread of each process uses it."""

    def __init__(self, options: Options) -> None:
        self._origins = options.origins
        self._headers = {"Authorization": bearer(options.key), "Content-Type": "application/json"}
        self._seconds = options.request_seconds
        self._http = options.http
        self._tried = 0
        self._client: httpx.Client | None = None
        self._process = 0

    def send(self, body: bytes) -> BatchResponse:
        """Return an origin's answer."""
        url = self._origins[self._tried % len(self._origins)] + EVENTS_PATH
        try:
            response = self._own_client().post(url, content=body, headers=self._headers, timeout=self._seconds)
        except httpx.HTTPError:
            self._tried += 1
            return NO_RESPONSE
        if response.status_code >= _SERVER_FAULT:
            self._tried += 1
        return BatchResponse(response.status_code, response.content, retry_after_seconds(response.headers))

    def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None and self._process == os.getpid():
            client.close()

    def _own_client(self) -> httpx.Client:
        """Return the client of this process: a child process must not share the parent's connections."""
        if self._client is None or self._process != os.getpid():
            forks.never_close(self._client)
            self._client, self._process = httpx.Client(**self._http), os.getpid()
        return self._client
