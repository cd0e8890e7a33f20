"""How far a provider is from its origin: four levels, the best first."""

from enum import StrEnum

from flaghoist.protocol import freshness as standings


class Level(StrEnum):
    """Where the values of a provider come from.

    ``STREAMING``: every change is heard as it is committed. ``POLLING``: the origin is asked now and then. ``STORED``:
    the last snapshot that was had, in memory, on disk or in a bootstrap file, which nobody confirms. ``DEFAULTS``:
    there is none, and callers get the defaults that their code names.
    """

    STREAMING = "streaming"
    POLLING = "polling"
    STORED = "stored"
    DEFAULTS = "defaults"

    @property
    def standing(self) -> int:
        """The same as the number that all other answers of Flaghoist give."""
        return _STANDINGS[self]


_STANDINGS = {
    Level.STREAMING: standings.FRESH,
    Level.POLLING: standings.STALE,
    Level.STORED: standings.LAST_KNOWN_GOOD,
    Level.DEFAULTS: standings.DEFAULTS,
}
