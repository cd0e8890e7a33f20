"""Emit OpenFeature events for the provider's level and for changed flags."""

import logging
from collections.abc import Callable, Mapping, Sequence

from openfeature.event import ProviderEvent, ProviderEventDetails
from openfeature.exception import ErrorCode

from flaghoist.sdk.snapshot.levels import Level
from flaghoist.sdk.snapshot.state import State

LOG = logging.getLogger("flaghoist.sdk")

Emit = Callable[[ProviderEvent, ProviderEventDetails], None]

_EVENTS: Mapping[Level, ProviderEvent] = {
    Level.STREAMING: ProviderEvent.PROVIDER_READY,
    Level.POLLING: ProviderEvent.PROVIDER_READY,
    Level.STORED: ProviderEvent.PROVIDER_STALE,
    Level.DEFAULTS: ProviderEvent.PROVIDER_ERROR,
}
_LOGGED: Mapping[Level, int] = {
    Level.STREAMING: logging.INFO,
    Level.POLLING: logging.INFO,
    Level.STORED: logging.WARNING,
    Level.DEFAULTS: logging.ERROR,
}
_LOW = (Level.STORED, Level.DEFAULTS)
REPEATS = 2
"""How often a low level is announced again after the start, because OpenFeature says READY when a start returns."""


class StatusReporter:
    """Emits an event for every change of level; with ``is_offline``, a stored snapshot is the expected level."""

    def __init__(self, emit: Emit, *, is_offline: bool = False) -> None:
        self._emit = emit
        self._is_offline = is_offline
        self._level: Level | None = None
        self._repeats = 0

    def emit_level(self, state: State) -> None:
        """Announce the provider's level, unless that has been done."""
        level, previous = state.level, self._level
        if level is previous and not self._takes_repeat(level):
            return
        if level is not previous:
            self._repeats = 0
        self._level = level
        metadata: dict[str, bool | str | int | float] = {"level": level.value, "previous": (previous or level).value}
        if state.version:
            metadata["version"] = state.version
        message = f"{level.value}: {state.reason}"
        if level is not previous:
            LOG.log(logging.INFO if self._is_offline else _LOGGED[level], "flags of this process: %s", message)
        error_code = ErrorCode.PROVIDER_NOT_READY if level is Level.DEFAULTS else None
        self._emit(self._event(level), ProviderEventDetails(None, message, error_code, metadata))

    def emit_changes(self, state: State, flags: Sequence[str]) -> None:
        """Announce the flags whose answer may have changed."""
        metadata: dict[str, bool | str | int | float] = {"level": state.level.value, "version": state.version}
        details = ProviderEventDetails(list(flags), f"{len(flags)} flags changed", None, metadata)
        self._emit(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, details)

    def expect_ready(self) -> None:
        """Announce a low level again: OpenFeature is about to say READY whatever the level."""
        self._repeats = REPEATS if self._level in _LOW else 0

    def _takes_repeat(self, level: Level) -> bool:
        if not self._repeats or level not in _LOW:
            return False
        self._repeats -= 1
        return True

    def _event(self, level: Level) -> ProviderEvent:
        if self._is_offline and level is Level.STORED:
            return ProviderEvent.PROVIDER_READY
        return _EVENTS[level]
