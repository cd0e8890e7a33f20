"""Count from many threads without a lock, so that counting never waits."""

from itertools import count
from threading import Lock


class Tally:
    """A counter: one step of `itertools.count` is one step of the interpreter, so none is lost."""

    def __init__(self) -> None:
        self._steps = count()
        self._looks = 0
        self._looking = Lock()

    def add(self) -> None:
        """Count one more; any thread may."""
        next(self._steps)

    def total(self) -> int:
        """Return how many were counted."""
        # Looking is a step as well, so earlier looks are taken off.
        with self._looking:
            counted = next(self._steps) - self._looks
            self._looks += 1
        return counted
