"""Fold repeated exposures: the first of a window is reported as it comes, the others as one event with their count."""

import secrets
from collections.abc import Callable

import msgspec

from shared.events import Exposure
from shared.limits import EVENT_COUNT
from shared.sdk.events.tally import Tally

_ID_BYTES = 16

Key = tuple[str, str, str, str]


def new_id() -> str:
    """Return an id that no other event has."""
    return secrets.token_urlsafe(_ID_BYTES)


class Fold:
    """One exposure of this window, and how often it has come again."""

    __slots__ = ("first", "repeats", "until")

    def __init__(self, first: Exposure, until: float) -> None:
        self.first = first
        self.until = until
        self.repeats = Tally()


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
        self._closing: list[Fold] = []

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
        """Return what was counted in windows that have ended, or in all of them; call it now and then.

        A window is closed at one sweep and counted at the next: a thread that had found it open may still count in it.
        """
        ended, self._closing = self._closing, self._close(is_last=is_last)
        if is_last:
            ended, self._closing = ended + self._closing, []
        counted = ((fold.first, fold.repeats.total()) for fold in ended)
        return [event for first, repeats in counted if repeats for event in _repeated(first, repeats, now_ms)]

    def _close(self, *, is_last: bool) -> list[Fold]:
        now = self._monotonic()
        over = [key for key, fold in self._open.copy().items() if is_last or fold.until <= now]
        return [self._open.pop(key) for key in over]


def _repeated(first: Exposure, repeats: int, now_ms: int) -> list[Exposure]:
    """Return the events that stand for so many further uses: one, unless they are more than one may stand for."""
    most = EVENT_COUNT.value
    counts = [most] * (repeats // most) + ([repeats % most] if repeats % most else [])
    return [msgspec.structs.replace(first, id=new_id(), at=now_ms, count=each) for each in counts]
