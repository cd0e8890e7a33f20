"""The cache of an isolate: snapshots and ages per environment, never promises, because those end with their request."""

from collections.abc import Callable

import msgspec

from flaghoist.answers.serving_snapshot import ServingSnapshot
from flaghoist.engine.load import LoadedSnapshot
from flaghoist.errors import FlaghoistError, SnapshotFormatError
from flaghoist.protocol.freshness import DEFAULTS, FRESH, LAST_KNOWN_GOOD, STALE
from flaghoist.protocol.requests import Freshness
from flaghoist_edge.ports.timing import NEVER, NEW_KEYS_PAUSE_MS, RETRY_MS, REVALIDATE_MS, SERVE_MS, UNCONFIRMED_MS

NEWER_FORMAT = "newer-format"


class CachedSnapshot(msgspec.Struct, eq=False):
    """The cache entry of one environment; times are in ms by the Worker's clock, `confirmed_at_ms` by the origin's.

    The faults describe the last failed read and are empty after a successful one. ``notes`` go into every answer.
    """

    snapshot: ServingSnapshot | None = None
    read_at_ms: int = NEVER
    confirmed_at_ms: int = NEVER
    attempted_at_ms: int = NEVER
    kv_failed_at_ms: int = NEVER
    origin_asked_at_ms: int = NEVER
    new_keys_asked_at_ms: int = NEVER
    catching_up_at_ms: int = NEVER
    first_read_at_ms: int = NEVER
    origin_etag: str = ""
    kv_fault: str = ""
    origin_fault: str = ""
    notes: tuple[str, ...] = ()

    @property
    def serving(self) -> ServingSnapshot:
        """The cached snapshot, for callers that know there is one: it is never dropped."""
        assert self.snapshot is not None
        return self.snapshot

    @property
    def loaded(self) -> LoadedSnapshot | None:
        """The cached loaded snapshot."""
        return self.snapshot.loaded if self.snapshot else None

    @property
    def manifest_etag(self) -> str:
        """The origin's ETag of the cached manifest; empty if that did not come from an origin."""
        version = self.snapshot.version if self.snapshot else ""
        return self.origin_etag if self.origin_etag.startswith(f'"{version}.') else ""

    def needs_refresh(self, now_ms: int) -> bool:
        """Return whether a request should start a read now; a recent start by another request is enough."""
        if now_ms - self.read_at_ms <= SERVE_MS and not self.should_ask_origin(now_ms):
            return False
        return now_ms - self.attempted_at_ms >= RETRY_MS

    def should_ask_origin(self, now_ms: int) -> bool:
        """Return whether the manifest has gone unconfirmed for too long and no origin was asked within the last TTL."""
        is_unconfirmed = now_ms - self.confirmed_at_ms > UNCONFIRMED_MS
        return (is_unconfirmed or bool(self.kv_fault)) and now_ms - self.origin_asked_at_ms >= SERVE_MS

    def may_look_for_keys(self, now_ms: int) -> bool:
        """Return whether an unknown key is a reason to look for a newer manifest."""
        return now_ms - self.new_keys_asked_at_ms >= NEW_KEYS_PAUSE_MS

    def freshness(self, now_ms: int) -> Freshness:
        """Return the present freshness of an answer from memory."""
        if self.snapshot is None:
            return Freshness(DEFAULTS, 0, self.notes)
        age_ms = max(0, now_ms - self.confirmed_at_ms)
        return Freshness(self._level(now_ms, age_ms), age_ms // 1000, self.notes)

    def _level(self, now_ms: int, age_ms: int) -> int:
        if self.kv_fault and self.origin_fault:
            return LAST_KNOWN_GOOD
        is_fresh = now_ms - self.read_at_ms <= REVALIDATE_MS and age_ms <= UNCONFIRMED_MS
        return FRESH if is_fresh else STALE

    def record_kv_fault(self, error: FlaghoistError, now_ms: int) -> None:
        """Record that KV returned nothing usable."""
        self.kv_fault = str(error)
        self.kv_failed_at_ms = now_ms
        self._note_format(error)

    def record_origin_fault(self, error: FlaghoistError) -> None:
        """Record that no origin returned anything usable."""
        self.origin_fault = str(error)
        self._note_format(error)

    def _note_format(self, error: FlaghoistError) -> None:
        if isinstance(error, SnapshotFormatError):
            self.notes = (NEWER_FORMAT,)


class SnapshotCache:
    """The cache entries of an isolate, by environment; ``require_served`` raises for an environment without any."""

    def __init__(self, require_served: Callable[[str], None]) -> None:
        self._require_served = require_served
        self.entries: dict[str, CachedSnapshot] = {}

    def entry(self, environment: str) -> CachedSnapshot:
        """Return the environment's entry, which is empty at first; raise KeyRefused if it is not served here."""
        return self.entries.get(environment) or self._add_entry(environment)

    def _add_entry(self, environment: str) -> CachedSnapshot:
        self._require_served(environment)
        return self.entries.setdefault(environment, CachedSnapshot())
