"""Gather faults, so that a writer learns of all of them at once."""

from flaghoist.errors import Fault, InputError, LimitExceeded
from flaghoist.limits import Limit

MOST_FAULTS = 50


class Faults:
    """The first 50 faults that a check came across; more are not worth reading."""

    def __init__(self) -> None:
        self._found: list[Fault] = []
        self._limit: LimitExceeded | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether all is well so far."""
        return not self._found

    @property
    def is_full(self) -> bool:
        """Tell whether further checks can be left out."""
        return len(self._found) >= MOST_FAULTS

    def add(self, path: str, detail: str) -> None:
        """Note the fault ``detail`` at ``path``."""
        if not self.is_full:
            self.take(InputError.at(path, detail))

    def limit(self, limit: Limit, actual: int, path: str) -> bool:
        """Note a fault if ``actual`` is past ``limit``; tell whether it is within."""
        if actual <= limit.value:
            return True
        if not self.is_full:
            self.take(LimitExceeded(limit, actual, path))
        return False

    def take(self, error: InputError) -> None:
        """Note the faults of ``error``."""
        if not self._found and isinstance(error, LimitExceeded):
            self._limit = error
        self._found.extend(error.faults[: MOST_FAULTS - len(self._found)])

    def raise_any(self) -> None:
        """Raise what was noted, as LimitExceeded if the first fault was one; return if nothing was."""
        if self._limit is not None:
            self._limit.faults = tuple(self._found)
            raise self._limit
        if self._found:
            raise InputError(*self._found)
