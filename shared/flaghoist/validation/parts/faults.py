"""Collect faults, so that a writer learns of all of them at once."""

from flaghoist.errors import Fault, InputError, LimitExceeded
from flaghoist.limits import Limit

MOST_FAULTS = 50


class Faults:
    """The first 50 faults of a check."""

    def __init__(self) -> None:
        self._found: list[Fault] = []
        self._limit: LimitExceeded | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether there are no faults so far."""
        return not self._found

    @property
    def is_full(self) -> bool:
        """Return whether further checks can be skipped."""
        return len(self._found) >= MOST_FAULTS

    def add_fault(self, path: str, detail: str) -> None:
        """Record the fault ``detail`` at ``path``."""
        if not self.is_full:
            self.add_error(InputError.at(path, detail))

    def check_limit(self, limit: Limit, actual: int, path: str) -> bool:
        """Record a fault if ``actual`` is past ``limit``; return whether it is within."""
        if actual <= limit.value:
            return True
        if not self.is_full:
            self.add_error(LimitExceeded(limit, actual, path))
        return False

    def add_error(self, error: InputError) -> None:
        """Record the faults of ``error``."""
        if not self._found and isinstance(error, LimitExceeded):
            self._limit = error
        self._found.extend(error.faults[: MOST_FAULTS - len(self._found)])

    def raise_any(self) -> None:
        """Raise the recorded faults, as LimitExceeded if the first one was a limit; return if there are none."""
        if self._limit is not None:
            self._limit.faults = tuple(self._found)
            raise self._limit
        if self._found:
            raise InputError(*self._found)
