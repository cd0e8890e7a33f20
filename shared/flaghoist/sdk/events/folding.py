"""Fold repeated exposures: the first of a window is reported as it comes, the others as one event with their count."""

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
    """Return an id that no other event has."""
    return secrets.token_urlsafe(_ID_BYTES)


class Fold:
    """One exposure of this window, how often it has come again, and how many of these repeats have been told."""

    __slots__ = ("first", "repeats", "told", "until")

    def __init__(self, first: Exposure, until: float) -> None:
        self.first = first
        self.until = until
        self.repeats = Tally()
        self.told = 0

    def news(self) -> int:
        """Return how many repeats have not been told yet, and count them as told."""
        news = self.repeats.total() - self.told
        self.told += news
        return news


class Folds:
    """What was exposed within the last window, at most ``most`` of it.

    Any thread may ask `is_repeat` and `has_counted`, which take no lock: they rest on operations of `dict` that are one
    step each. One thread sweeps.
    """

    def __init__(self, window_seconds: float, most: int, monotonic: Callable[[], float]) -> None:
        self._window_seconds = window_seconds
        self._most = most
        self._monotonic = monotonic
        self._open: dict[Key, Fold] = {}
        self._ended: list[Fold] = []
        self._next_sweep = float("-inf")

    def has_counted(self, key: Key) -> bool:
        """Return whether a unit was exposed to the same within this window; if so, once more is counted here."""
        fold = self._open.get(key)
        if fold is None:
            return False
        fold.repeats.add()
        return True

    def is_repeat(self, exposure: Exposure) -> bool:
        """Do the same as `has_counted`, and open a window for an exposure that is the first."""
        key = (exposure.flag, exposure.variant, exposure.version, exposure.unit)
        if self.has_counted(key):
            return True
        if len(self._open) >= self._most:
            return False
        made = Fold(exposure, self._monotonic() + self._window_seconds)
        fold = self._open.setdefault(key, made)
        if fold is made:
            return False
        fold.repeats.add()
        return True

    def sweep(self, now_ms: int, *, is_last: bool = False) -> list[Exposure]:
        """Return what was counted in windows that have ended, or in all of them; it looks at most once a second.

        A window that has ended is looked at for another while: a thread that had found it open may be slow to count.
        """
        now = self._monotonic()
        if now < self._next_sweep and not is_last:
            return []
        self._next_sweep = now + min(_SWEEP_SECONDS, self._window_seconds)
        for key in [key for key, fold in self._open.copy().items() if is_last or fold.until <= now]:
            self._ended.append(self._open.pop(key))
        told = [(fold.first, fold.news()) for fold in self._ended]
        self._ended = [] if is_last else [fold for fold in self._ended if fold.until + _SLOW_SECONDS > now]
        return [event for first, repeats in told if repeats for event in _repeated(first, repeats, now_ms)]


def _repeated(first: Exposure, repeats: int, now_ms: int) -> list[Exposure]:
    """Return the events that stand for so many further uses: one, unless they are more than one may stand for."""
    most = EVENT_COUNT.value
    counts = [most] * (repeats // most) + ([repeats % most] if repeats % most else [])
    return [msgspec.structs.replace(first, id=new_id(), at=now_ms, count=each) for each in counts]
