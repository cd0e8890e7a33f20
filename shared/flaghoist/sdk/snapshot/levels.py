"""How close a provider is to its origin: four levels, the best first."""

from enum import StrEnum

from flaghoist.protocol import freshness


class Level(StrEnum):
    """Where the values of a provider come from.

    ``STREAMING``: every change arrives as it is committed. ``POLLING``: the origin is asked at intervals. ``STORED``:
    the last snapshot in memory, on disk or in a bootstrap file, which no origin confirms. ``DEFAULTS``: no snapshot;
    callers get the defaults in their code.
    """

    STREAMING = "streaming"
    POLLING = "polling"
    STORED = "stored"
    DEFAULTS = "defaults"

    @property
    def freshness_level(self) -> int:
        """The same as the number in all other answers of Flaghoist."""
        return _FRESHNESS_LEVELS[self]


_FRESHNESS_LEVELS = {
    Level.STREAMING: freshness.FRESH,
    Level.POLLING: freshness.STALE,
    Level.STORED: freshness.LAST_KNOWN_GOOD,
    Level.DEFAULTS: freshness.DEFAULTS,
}
