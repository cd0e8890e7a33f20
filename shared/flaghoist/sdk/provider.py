"""The OpenFeature provider: evaluates in process, from a snapshot that a background thread keeps up to date."""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ProviderNotReadyError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType
from openfeature.provider import AbstractProvider, Metadata
from openfeature.track import TrackingEventDetails

from flaghoist.errors import InputError, Unavailable
from flaghoist.sdk.evaluation.contexts import context_of
from flaghoist.sdk.evaluation.page_options import PageFlags, PageOptions
from flaghoist.sdk.evaluation.resolving import (
    ANYTHING,
    BOOLEAN,
    FLOAT,
    INTEGER,
    OBJECT,
    STRING,
    Accepted,
    invalid_context,
    not_ready,
    resolution,
)
from flaghoist.sdk.runtime import forks
from flaghoist.sdk.runtime.options import Options
from flaghoist.sdk.snapshot.state import State
from flaghoist.sdk.store.saving import Saver
from flaghoist.sdk.store.status import StatusReporter
from flaghoist.sdk.store.store import SnapshotStore
from flaghoist.snapshot.sealing import Sealer

if TYPE_CHECKING:
    from flaghoist.sdk.events.reporting import Reports
    from flaghoist.sdk.runtime.background import BackgroundThread

NAME = "flaghoist"
_METADATA = Metadata(NAME)
STOP_SECONDS = 2.0
_ON_A_PAGE = PageOptions()

T = TypeVar("T")
Structure = Sequence[FlagValueType] | Mapping[str, FlagValueType]


class FlaghoistProvider(AbstractProvider):
    """Evaluates in process, for threads and coroutines alike; an evaluation never does I/O or waits for it.

    The constructor starts nothing; OpenFeature initialises the provider and shuts it down.
    """

    def __init__(self, options: Options) -> None:
        super().__init__()
        self._options = options
        self._sealer = Sealer(options.key.encode(), options.environment)
        self._status_reporter = StatusReporter(self.emit, is_offline=options.offline)
        self._saver = Saver(options.cache_file, self._sealer, options.save_seconds)
        self._store = SnapshotStore(options.environment, self._sealer, self._status_reporter, self._saver.save_later)
        self._reports: Reports | None = None
        self._background: BackgroundThread | None = None
        self._is_orphaned = False
        self._resuming = threading.Lock()

    @property
    def state(self) -> State:
        """The level of the provider, the reason for it, and the current snapshot."""
        return self._store.state

    def get_metadata(self) -> Metadata:
        """Return the provider's name."""
        return _METADATA

    def initialize(self, evaluation_context: EvaluationContext) -> None:
        """Start, and wait up to ``start_seconds`` for the first answer of an origin; shorter if local files are enough.

        Raises ProviderNotReadyError if there is no snapshot; the provider continues to try.
        """
        import flaghoist.sdk.evaluation.pages  # noqa: F401, PLC0415 (so that the first page does not wait for it)

        if self._store.state.snapshot is None:
            from flaghoist.sdk.store.bootstrap import find_initial_snapshot  # noqa: PLC0415 (see `_connect`)

            self._store.start_from(find_initial_snapshot(self._options, self._sealer))
        if not self._options.offline:
            if self._options.reports and self._reports is None:
                from flaghoist.sdk.events.reporting import reports_to  # noqa: PLC0415 (see `_connect`)

                self._reports = reports_to(self._options)
            self._connect()
            self._store.decided.wait(self._options.start_seconds)
        self._status_reporter.emit_level(self._store.state)
        self._status_reporter.expect_ready()
        if self._store.state.snapshot is None:
            raise ProviderNotReadyError(f"there is no snapshot to evaluate with: {self._store.state.reason}")

    def shutdown(self) -> None:
        """Stop; pending reports are sent or stored within some seconds. Values stay as they are."""
        background, self._background = self._background, None
        if background is not None:
            background.stop(STOP_SECONDS)
        self._store.mark_stopped()
        reports, self._reports = self._reports, None
        if reports is not None:
            reports.close()

    def flush(self, timeout: float) -> bool:
        """Send all reports so far; return whether an origin has them all. Waits up to ``timeout`` seconds."""
        return self._reports is None or self._reports.queue.flush(timeout)

    def track(
        self,
        tracking_event_name: str,
        evaluation_context: EvaluationContext | None = None,
        tracking_event_details: TrackingEventDetails | None = None,
    ) -> None:
        """Report that something happened; it is sent later."""
        reports = self._reports
        if reports is not None:
            reports.report_event(tracking_event_name, evaluation_context, tracking_event_details)

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        """Return the flag's value for this context."""
        return self._resolve(flag_key, default_value, evaluation_context, BOOLEAN)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        """Return the flag's value for this context."""
        return self._resolve(flag_key, default_value, evaluation_context, STRING)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        """Return the flag's value for this context."""
        return self._resolve(flag_key, default_value, evaluation_context, INTEGER)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        """Return the flag's value for this context."""
        return self._resolve(flag_key, default_value, evaluation_context, FLOAT)

    def resolve_object_details(
        self, flag_key: str, default_value: Structure, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[Structure]:
        """Return the flag's value for this context: a copy, which the caller may change."""
        return self._resolve(flag_key, default_value, evaluation_context, OBJECT)

    def evaluate_all(
        self, evaluation_context: EvaluationContext | None = None
    ) -> Mapping[str, FlagResolutionDetails[object]]:
        """Return all flags by key; reports no exposure; empty without a snapshot. Raises InputError."""
        state = self._present()
        if state.snapshot is None:
            return {}
        outcomes = state.snapshot.engine.evaluate_all(context_of(evaluation_context), client_only=False)
        return {outcome.flag_key: resolution(outcome, None, ANYTHING, state) for outcome in outcomes}

    def bootstrap(
        self, evaluation_context: EvaluationContext | None = None, options: PageOptions = _ON_A_PAGE
    ) -> PageFlags | None:
        """Return the data that a page starts from: the flags that clients may see; None without a snapshot.

        Raises InputError for a context that would be rejected, KeyRefused for a key that no page may contain.
        """
        state = self._present()
        if state.snapshot is None:
            return None
        from flaghoist.sdk.evaluation.pages import page_of  # noqa: PLC0415 (see `initialize`)

        return page_of(state, state.snapshot, context_of(evaluation_context), options, time.monotonic())

    def after_fork(self) -> None:
        """Called in a child process, whose first evaluation starts its own thread."""
        forks.never_close(self._background)
        self._is_orphaned, self._background = self._background is not None, None
        self._resuming = threading.Lock()
        self._store.decided = threading.Event()

    def _resolve(
        self, flag_key: str, default: T, given: EvaluationContext | None, accepted: Accepted
    ) -> FlagResolutionDetails[T]:
        state = self._present()
        snapshot = state.snapshot
        if snapshot is None:
            return not_ready(default, state)
        try:
            context = context_of(given)
            outcome = snapshot.engine.evaluate(flag_key, context)
        except (InputError, ValueError) as error:  # text that is not Unicode, a number of thousands of digits
            return invalid_context(default, error, state)
        found = resolution(outcome, default, accepted, state)
        reports = self._reports
        if found.error_code is None and reports is not None:
            reports.report_evaluation(outcome, context, state.version)
        return found

    def _present(self) -> State:
        if self._is_orphaned:
            self._resume()
        return self._store.state

    def _resume(self) -> None:
        with self._resuming:
            if self._is_orphaned:
                self._is_orphaned = False
                self._connect()

    def _connect(self) -> None:
        if self._background is None:
            # What does I/O is imported when a provider starts: importing the SDK stays quick.
            from flaghoist.sdk.datasource.connection import connect  # noqa: PLC0415

            self._background = connect(self._options, self._store, self._saver, self._report_fault)
            forks.register_listener(self)

    def _report_fault(self, error: Exception) -> None:
        self._store.report_failure(Unavailable(f"following the origin failed ({error!r}): trying again"))
