"""Fold repeated exposures: the first of a time window is reported at once, the others as one event with a count."""

import secrets
from collections.abc import Callable

import msgspec

from flaghoist.limits import EVENT_COUNT
from flaghoist.protocol.events import Exposure
from flaghoist.sdk.events.tally import Tally

_ID_BYTES = 16
_SLOW_SECONDS = 60.0
_SWEEP_SECONDS = 1.0

Key = tuple[str, str, str, str]


def new_id() -> str:
    """Return a unique id."""
    return secrets.token_urlsafe(_ID_BYTES)


class Fold:
    """One exposure of this window, how often it was repeated, and how many repeats were reported."""

    __slots__ = ("first", "repeats", "reported", "until")

    def __init__(self, first: Exposure, until: float) -> None:
        self.first = first
        self.until = until
        self.repeats = Tally()
        self.reported = 0

    def take_unreported(self) -> int:
        """Return how many repeats were not reported yet, and count them as reported."""
        take_unreported = self.repeats.total() - self.reported
        self.reported += take_unreported
        return take_unreported


class Folds:
    """The exposures of the last window, at most ``most`` of them.

    Any thread may call `is_repeat` and `count_repeat`. They take no lock: they use only operations of `dict` that are
    atomic. One thread sweeps.
    """

    def __init__(self, window_seconds: float, most: int, monotonic: Callable[[], float]) -> None:
        self._window_seconds = window_seconds
        self._most = most
        self._monotonic = monotonic
        self._open: dict[Key, Fold] = {}
        self._ended: list[Fold] = []
        self._next_sweep = float("-inf")

    def count_repeat(self, key: Key) -> bool:
        """Return whether the same exposure is in this window; if so, count one more repeat."""
        fold = self._open.get(key)
        if fold is None:
            return False
        fold.repeats.increment()
        return True

    def is_repeat(self, exposure: Exposure) -> bool:
        """Do the same as `count_repeat`; open a window for a first exposure."""
        key = (exposure.flag, exposure.variant, exposure.version, exposure.unit)
        if self.count_repeat(key):
            return True
        if len(self._open) >= self._most:
            return False
        made = Fold(exposure, self._monotonic() + self._window_seconds)
        fold = self._open.setdefault(key, made)
        if fold is made:
            return False
        fold.repeats.increment()
        return True

    def sweep(self, now_ms: int, *, is_last: bool = False) -> list[Exposure]:
        """Return the counts of windows that have ended, or of all; checks at most once a second.

        An ended window is checked for one more period, because a thread that had found it open may count late.
        """
        now = self._monotonic()
        if now < self._next_sweep and not is_last:
            return []
        self._next_sweep = now + min(_SWEEP_SECONDS, self._window_seconds)
        for key in [key for key, fold in self._open.copy().items() if is_last or fold.until <= now]:
            self._ended.append(self._open.pop(key))
        reported = [(fold.first, fold.take_unreported()) for fold in self._ended]
        self._ended = [] if is_last else [fold for fold in self._ended if fold.until + _SLOW_SECONDS > now]
        return [event for first, repeats in reported if repeats for event in _repeated(first, repeats, now_ms)]


def _repeated(first: Exposure, repeats: int, now_ms: int) -> list[Exposure]:
    """Return the events for so many further uses: one, unless there are more than one event can count."""
    most = EVENT_COUNT.value
    counts = [most] * (repeats // most) + ([repeats % most] if repeats % most else [])
    return [msgspec.structs.replace(first, id=new_id(), at=now_ms, count=each) for each in counts]
