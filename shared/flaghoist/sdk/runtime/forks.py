"""Tell objects that live in a forked child that their threads stayed with the parent."""

import os
import weakref
from functools import cache
from typing import Protocol


class Forked(Protocol):
    """Something that has threads."""

    def forked(self) -> None:
        """Note that this is a child process: no thread of the object runs here, and its locks may be held for ever."""


_LISTENERS: "weakref.WeakSet[Forked]" = weakref.WeakSet()
_KEPT: list[object] = []


def listen(listener: Forked) -> None:
    """Tell ``listener`` in every child that this process forks, for as long as it lives."""
    _register()
    _LISTENERS.add(listener)


def keep_for_ever(*parts: object) -> None:
    """Keep parts of the parent from being closed here: they share its sockets and its poll."""
    _KEPT.extend(parts)


@cache
def _register() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_tell)


def _tell() -> None:
    for listener in list(_LISTENERS):
        listener.forked()
