"""The advertised stream URLs: as configured, and none while this origin has no place free."""

import re
from collections.abc import Callable, Mapping

from flaghoist.answers.streams import EVERYWHERE

_PLACE = re.compile(r"(?:([A-Z]{2}|\*)=)?(https?://[^\s,?#\"<>\\]+)")
_NOWHERE: Mapping[str, str] = {}


def read_places(text: str) -> Mapping[str, str] | None:
    """Return stream URLs by region from ``url`` or ``EU=url,NA=url``; None if it is malformed."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        place = _PLACE.fullmatch(part)
        if place is None or (region := place[1] or EVERYWHERE) in found:
            return None
        found[region] = place[2]
    return found


class Places:
    """The URLs of streams by region; the hub opens and closes them, and ``on_change`` callbacks are notified."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self.urls = urls
        self.is_open = True
        self.on_change: list[Callable[[], None]] = []

    def settle(self, *, is_open: bool) -> None:
        """Set whether new clients receive the URLs from now on."""
        if is_open == self.is_open:
            return
        self.is_open = is_open
        if self.urls:
            for callback in self.on_change:
                callback()

    @property
    def advertised(self) -> dict[str, str]:
        """Return the URLs that new clients receive."""
        return dict(self.urls if self.is_open else _NOWHERE)
