"""The latest events of one environment, shared by all its streams: a client's state is its position in them."""

from collections.abc import Iterable, Sequence

from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.storage.history.version_log import LoggedVersion
from flaghoist_origin.streams.events import Event

MOST_BYTES = 32 * 1024 * 1024


class StreamChannel:
    """Consecutive versions of one epoch, at most ``most`` of them, the last one at ``position``."""

    def __init__(self, environment: str, position: SnapshotVersion, most: int) -> None:
        self.environment = environment
        self.position = position
        self._most = most
        self._events: list[Event] = []
        self._bytes = 0

    def extend(self, logged: Iterable[LoggedVersion]) -> None:
        """Append the versions that follow `position`, in order; the oldest are dropped."""
        for each in logged:
            event = Event(self.environment, each)
            self._events.append(event)
            self._bytes += event.size
            self.position = event.version
        self._shorten()

    def restart(self, position: SnapshotVersion) -> None:
        """Drop all events: the changes that lead to ``position`` are not known."""
        self._events.clear()
        self._bytes = 0
        self.position = position

    def after(self, version: SnapshotVersion) -> Sequence[Event] | None:
        """Return the events after ``version``, none if there are no newer ones; None if they are not here."""
        if version >= self.position:
            return ()
        missing = self.position.version - version.version
        if version.epoch != self.position.epoch or missing > len(self._events):
            return None
        return self._events[-missing:]

    def _shorten(self) -> None:
        surplus = max(0, len(self._events) - self._most)
        freed = sum(event.size for event in self._events[:surplus])
        while surplus < len(self._events) - 1 and self._bytes - freed > MOST_BYTES:
            freed += self._events[surplus].size
            surplus += 1
        if surplus:
            del self._events[:surplus]
            self._bytes -= freed
