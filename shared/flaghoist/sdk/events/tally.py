"""Count from many threads without a lock, so that counting never waits."""

from itertools import count


class Tally:
    """A counter: one call of `itertools.count` is atomic in the interpreter, so no count is lost."""

    __slots__ = ("_looks", "_steps")

    def __init__(self) -> None:
        self._steps = count()
        self._looks = 0

    def increment(self) -> None:
        """Count one more; any thread may call it."""
        next(self._steps)

    def total(self) -> int:
        """Return the count; one thread at a time may call it."""
        # Reading also counts one, so earlier reads are subtracted.
        counted = next(self._steps) - self._looks
        self._looks += 1
        return counted
