"""The state of a provider: applies the origin's documents, sets the level, notifies listeners."""

import threading
import time
from collections.abc import Callable

from flaghoist.errors import FlaghoistError, KeyRefused, SnapshotCorrupt
from flaghoist.model.flags import SnapshotVersion
from flaghoist.sdk.snapshot.applying import apply_steps
from flaghoist.sdk.snapshot.differences import changed_flags
from flaghoist.sdk.snapshot.documents import Document, decode_document
from flaghoist.sdk.snapshot.levels import Level
from flaghoist.sdk.snapshot.pacing import gently
from flaghoist.sdk.snapshot.snapshot import Snapshot
from flaghoist.sdk.snapshot.state import NEVER, InitialSnapshot, State, make_state
from flaghoist.sdk.store.status import StatusReporter
from flaghoist.snapshot.sealing import Sealer


class SnapshotStore:
    """The state of one provider; one thread at a time writes it, all others read ``state``.

    ``decided`` is set once a start need not wait any longer. ``on_new_snapshot`` is called with each new snapshot.
    """

    def __init__(
        self,
        environment: str,
        sealer: Sealer,
        status_reporter: StatusReporter,
        on_new_snapshot: Callable[[Snapshot], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = State(Level.DEFAULTS, "the provider was not started")
        self.decided = threading.Event()
        self._environment = environment
        self._sealer = sealer
        self._status_reporter = status_reporter
        self._on_new_snapshot = on_new_snapshot
        self._now = now
        self._initial_description = ""

    @property
    def version(self) -> SnapshotVersion | None:
        """The version of the current snapshot."""
        snapshot = self.state.snapshot
        return snapshot.version if snapshot else None

    def start_from(self, initial: InitialSnapshot) -> None:
        """Start from the local files, without an origin; no events are emitted yet."""
        self._initial_description = initial.description
        self.state = make_state(Level.STORED, initial.description, initial.snapshot)

    def mark_stopped(self) -> None:
        """Record that updates have ended; this emits no event, because the application has asked for it."""
        self.decided.clear()
        if self.state.level is not Level.DEFAULTS:
            current = self.state
            self.state = make_state(Level.STORED, "the provider was shut down", current.snapshot, current.confirmed_at)

    async def apply_document(self, data: bytes | str, level: Level, reason: str) -> None:
        """Apply an origin's document and set ``level``; raise FlaghoistError and change nothing."""
        document = self._of_our_environment(decode_document(data))
        before = self.state.snapshot
        snapshot = await gently(apply_steps(document, before, self._sealer))
        if snapshot is before:
            self.confirm_current(level, reason)
            return
        self.state = make_state(level, reason, snapshot, self._now())
        self._on_new_snapshot(snapshot)
        self._status_reporter.emit_level(self.state)
        if before is not None:
            self._status_reporter.emit_changes(self.state, changed_flags(before, snapshot))
        self.decided.set()

    def confirm_current(self, level: Level, reason: str) -> None:
        """Record that the origin has nothing newer than the current snapshot, and set the level."""
        self.state = make_state(level, reason, self.state.snapshot, self._now())
        self._status_reporter.emit_level(self.state)
        self.decided.set()

    def report_failure(self, error: FlaghoistError) -> None:
        """Record that no origin can be reached: the current snapshot stays in use."""
        known, reason = self.state, str(error)
        if known.confirmed_at == NEVER:
            reason = f"{reason}; meanwhile: {self._initial_description}"
        self.state = make_state(Level.STORED, reason, known.snapshot, known.confirmed_at)
        self._status_reporter.emit_level(self.state)
        if self.state.snapshot is not None or isinstance(error, KeyRefused):
            self.decided.set()

    def _of_our_environment(self, document: Document) -> Document:
        if document.environment != self._environment:
            raise SnapshotCorrupt(
                f"the origin sent the environment {document.environment!r}, and the key is of {self._environment!r}"
            )
        return document
