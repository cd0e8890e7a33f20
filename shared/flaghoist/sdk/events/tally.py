"""Count from many threads without a lock, so that counting never waits."""

from itertools import count


class Tally:
    """A counter: one step of `itertools.count` is one step of the interpreter, so none is lost."""

    __slots__ = ("_looks", "_steps")

    def __init__(self) -> None:
        self._steps = count()
        self._looks = 0

    def add(self) -> None:
        """Count one more; any thread may."""
        next(self._steps)

    def total(self) -> int:
        """Return how many were counted; one thread at a time may ask."""
        # Looking is a step as well, so earlier looks are taken off.
        counted = next(self._steps) - self._looks
        self._looks += 1
        return counted
