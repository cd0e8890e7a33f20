"""Log when a service that the origin needs becomes unavailable and when it is back: once each, not once per request."""

import logging
from collections.abc import Callable

from flaghoist.errors import Unavailable
from flaghoist_origin.observability.logs import fields

LOG = logging.getLogger("flaghoist.origin")
SILENCE_MS = 60_000


class Outages:
    """The current outages, by the slug of the error; an outage without errors for a minute is over."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._heard_at_ms: dict[str, int] = {}

    def away(self, error: Unavailable) -> None:
        """Record an outage; log it if it is new."""
        now_ms = self._now_ms()
        last_ms = self._heard_at_ms.get(error.slug)
        self._heard_at_ms[error.slug] = now_ms
        if last_ms is None or now_ms - last_ms > SILENCE_MS:
            LOG.warning("%s: requests that need it are answered with 503", error, extra=fields(problem=error.slug))

    def back(self, slug: str = Unavailable.slug) -> None:
        """Record that a service answers again; log it if it was unavailable."""
        if self._heard_at_ms.pop(slug, None) is not None:
            LOG.warning("the service answers again", extra=fields(problem=slug))
