"""After how long clients reconnect, in milliseconds: another time for each, so that they do not come all at once."""

import random

from flaghoist_origin.settings.settings import Settings


class ReconnectDelays:
    """Draws the delays that the settings describe."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def after_loss_ms(self) -> int:
        """Return the delay of a client that lost its stream."""
        return _jittered_ms(self._settings.stream_retry_seconds)

    def when_full_ms(self) -> int:
        """Return the delay of a client that found no place."""
        return _jittered_ms(self._settings.stream_full_retry_seconds)

    def when_drained_ms(self) -> int:
        """Return the delay of a client that this origin sends away because it ends."""
        return round(random.uniform(0.1, 1.0) * self._settings.stream_drain_seconds * 1000)


def _jittered_ms(seconds: float) -> int:
    return round(random.uniform(0.5, 1.5) * seconds * 1000)
