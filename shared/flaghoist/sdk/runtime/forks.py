"""Notify objects in a forked child process that their threads stayed with the parent."""

import os
import weakref
from functools import cache
from typing import Protocol


class ForkListener(Protocol):
    """An object that has threads."""

    def after_fork(self) -> None:
        """Called in a child process: no thread of the object runs here, and its locks may be held for ever."""


_LISTENERS: "weakref.WeakSet[ForkListener]" = weakref.WeakSet()
_KEPT: list[object] = []


def register_listener(listener: ForkListener) -> None:
    """Notify ``listener`` in every child process that this process forks, as long as the listener lives."""
    _register()
    _LISTENERS.add(listener)


def never_close(*parts: object) -> None:
    """Prevent objects of the parent from being closed here: they share its sockets and its poll."""
    _KEPT.extend(parts)


@cache
def _register() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_notify_listeners)


def _notify_listeners() -> None:
    for listener in list(_LISTENERS):
        listener.after_fork()
