"""The events of a committed version in each dialect, as bytes that are the same for all clients."""

from collections.abc import Callable, Mapping
from enum import StrEnum

import msgspec

from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.serving.snapshot_document import patch_document, snapshot_document
from flaghoist_origin.storage.database.records import EnvironmentRecord
from flaghoist_origin.storage.history.version_log import LoggedChange, LoggedVersion

HEARTBEAT = b":\n\n"
_encode = msgspec.json.encode


class Dialect(StrEnum):
    """The form in which a client receives changes."""

    OFREP = "ofrep"
    RULES = "rules"
    NOTICES = "notices"
    PUBLIC_NOTICES = "public-notices"


class Notice(msgspec.Struct, frozen=True):
    """One entity that changed."""

    collection: str
    key: str
    action: str


class NoticeDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """That a version was committed, and what it changed; without ``changes`` anything may have changed."""

    environment: str
    version: str
    committed_at_ms: int
    changes: tuple[Notice, ...] | None = None


def frame(event: str, version: SnapshotVersion, data: bytes) -> bytes:
    """Return one event; ``data`` is JSON, which has no line breaks."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (str(version).encode(), event.encode(), data)


def greeting(retry_ms: int, version: SnapshotVersion | None) -> bytes:
    """Return the beginning of a stream: the reconnection time, and (without an event) the client's version."""
    place = b"id: %b\n" % str(version).encode() if version else b""
    return b"retry: %d\n%b\n" % (retry_ms, place)


def farewell(retry_ms: int, reason: str) -> bytes:
    """Return the end of a stream that the client should reopen; the reason is a comment, for people."""
    return b"retry: %d\n: %b\n\n" % (retry_ms, reason.encode())


class Event:
    """One committed version; each dialect's form is computed once, for the first client that needs it."""

    __slots__ = ("_environment", "_logged", "_made")

    def __init__(self, environment: str, logged: LoggedVersion) -> None:
        self._environment = environment
        self._logged = logged
        self._made: dict[Dialect, bytes] = {}

    @property
    def version(self) -> SnapshotVersion:
        """Return the version that was committed."""
        return self._logged.version

    @property
    def size(self) -> int:
        """Return about how many bytes the event holds."""
        return self._logged.size

    def encoded(self, dialect: Dialect) -> bytes:
        """Return the event in a dialect."""
        made = self._made.get(dialect)
        if made is None:
            made = self._made[dialect] = _ENCODERS[dialect](self._environment, self._logged)
        return made


def put_event(dialect: Dialect, record: EnvironmentRecord) -> bytes:
    """Return the event that replaces the client's state; in dialects without rules it makes the client ask again."""
    version = record.snapshot_version
    if dialect is Dialect.OFREP:
        return _refetch(version)
    if dialect is Dialect.RULES:
        return frame("put", version, _encode(snapshot_document(record)))
    return frame("put", version, _encode(NoticeDocument(record.name, str(version), record.committed_at_ms)))


def _refetch(version: SnapshotVersion) -> bytes:
    """Return OFREP's event, which names no flag; ``message`` is the type that an EventSource receives by default."""
    return frame("message", version, _encode({"type": "refetchEvaluation", "etag": str(version)}))


def _patch(environment: str, logged: LoggedVersion) -> bytes:
    since = SnapshotVersion(logged.version.epoch, logged.version.version - 1)
    document = patch_document(environment, since, logged.version, logged.changes)
    return frame("patch", logged.version, _encode(document))


def _notice(environment: str, logged: LoggedVersion, includes: Callable[[LoggedChange], bool]) -> bytes:
    notices = tuple(Notice(each.collection, each.key, each.action) for each in logged.changes if includes(each))
    document = NoticeDocument(environment, str(logged.version), logged.committed_at_ms, notices)
    return frame("change", logged.version, _encode(document))


_ENCODERS: Mapping[Dialect, Callable[[str, LoggedVersion], bytes]] = {
    Dialect.OFREP: lambda _, logged: _refetch(logged.version),
    Dialect.RULES: _patch,
    Dialect.NOTICES: lambda environment, logged: _notice(environment, logged, lambda _: True),
    Dialect.PUBLIC_NOTICES: lambda environment, logged: _notice(environment, logged, lambda each: each.visible),
}
