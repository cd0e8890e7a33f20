"""The data that the store reads and writes: environments, keys, changes, audit entries."""

from collections.abc import Mapping
from typing import Generic, Literal, TypeVar

import msgspec

from flaghoist.model.flags import Flag, FlagSet, Group, Segment, SnapshotVersion

Collection = Literal["flags", "segments", "groups"]
Entity = Flag | Segment | Group
KeyKind = Literal["client", "server", "admin"]
Role = Literal["viewer", "editor", "publisher", "owner"]


class Author(msgspec.Struct, frozen=True):
    """The author of a write: the id and name of the key, and a comment."""

    id: str
    name: str
    comment: str = ""


SYSTEM = Author("system", "Flaghoist")


def target(collection: str, key: str) -> str:
    """Return how the audit log names an entity: its path below the environment."""
    return f"{collection}/{key}"


class KeyRecord(msgspec.Struct, frozen=True):
    """A key without its secret: ``hash`` is the hex SHA-256 of its whole text; admin keys have a role, others none."""

    id: str
    environment: str
    kind: KeyKind
    name: str
    hash: str
    created_at_ms: int
    expires_at_ms: int | None = None
    revoked_at_ms: int | None = None
    role: Role | None = None

    def is_valid(self, now_ms: int) -> bool:
        """Return whether the key is valid at ``now_ms``."""
        return self.revoked_at_ms is None and (self.expires_at_ms is None or now_ms < self.expires_at_ms)


class SigningKeyRecord(msgspec.Struct, frozen=True):
    """A key that signs contexts, without its private half; ``public_key`` is base64url, as in a JWK's ``x``."""

    id: str
    environment: str
    name: str
    public_key: str
    created_at_ms: int
    expires_at_ms: int | None = None
    revoked_at_ms: int | None = None

    def is_valid(self, now_ms: int) -> bool:
        """Return whether the key's signatures are valid at ``now_ms``."""
        return self.revoked_at_ms is None and (self.expires_at_ms is None or now_ms < self.expires_at_ms)


class Marks(msgspec.Struct, frozen=True):
    """The values that change with every change of an environment: compared to see whether a cached state is current."""

    epoch: int
    version: int
    keys_version: int


class EnvironmentRecord(msgspec.Struct, frozen=True):
    """One environment as committed; ``retired`` contains the last versions of removed entities, by target."""

    name: str
    marks: Marks
    committed_at_ms: int
    flagset: FlagSet
    retired: Mapping[str, int] = {}
    keys: tuple[KeyRecord, ...] = ()
    signing_keys: tuple[SigningKeyRecord, ...] = ()
    signed_only_since_ms: int | None = None

    @property
    def epoch(self) -> int:
        """Return the epoch of the snapshot."""
        return self.marks.epoch

    @property
    def version(self) -> int:
        """Return the version of the snapshot within its epoch."""
        return self.marks.version

    @property
    def requires_signed_contexts(self) -> bool:
        """Return whether client keys must send signed contexts."""
        return self.signed_only_since_ms is not None

    @property
    def snapshot_version(self) -> SnapshotVersion:
        """Return epoch and version as one ordered value."""
        return SnapshotVersion(self.marks.epoch, self.marks.version)


class EntityChange(msgspec.Struct, frozen=True):
    """One flag, segment or group before and after, with their versions; None if it does not exist."""

    collection: Collection
    key: str
    action: str
    before: Entity | None
    after: Entity | None

    @property
    def target(self) -> str:
        """Return the entity's name in the audit log: its path below the environment."""
        return target(self.collection, self.key)


class Summary(msgspec.Struct, frozen=True):
    """One more line in the audit log, for a write that is more than one entity."""

    target: str
    action: str
    after: Mapping[str, int | str]


class Change(msgspec.Struct, frozen=True):
    """Everything that one write changes; ``flagset`` is the whole set after it. Without entities nothing is written."""

    flagset: FlagSet
    entities: tuple[EntityChange, ...]
    summary: Summary | None = None


AnyKey = TypeVar("AnyKey", KeyRecord, SigningKeyRecord)


class KeyChange(msgspec.Struct, Generic[AnyKey], frozen=True):
    """Keys of one kind to be stored: new ones with a new id, others replace the one with the same id.

    ``action`` is what the audit log calls the change: ``issued``, ``rotated`` or ``revoked``.
    """

    action: str
    keys: tuple[AnyKey, ...] = ()


class Committed(msgspec.Struct, frozen=True):
    """The environment after a write, and whether the write changed anything."""

    record: EnvironmentRecord
    is_changed: bool

    @property
    def epoch(self) -> int:
        """Return the epoch of the snapshot."""
        return self.record.epoch

    @property
    def version(self) -> int:
        """Return the version of the snapshot within its epoch."""
        return self.record.version

    @property
    def committed_at_ms(self) -> int:
        """Return when the snapshot was committed."""
        return self.record.committed_at_ms


class OutboxRow(msgspec.Struct, frozen=True):
    """A committed version that is not in KV yet."""

    environment: str
    epoch: int
    version: int
    committed_at_ms: int


class Removal(msgspec.Struct, frozen=True):
    """A removed environment: its last version, and when it was removed."""

    environment: str
    epoch: int
    version: int
    removed_at_ms: int


class Backlog(msgspec.Struct, frozen=True):
    """How many commits of an environment are not in KV yet, and since when the oldest of them waits."""

    count: int
    oldest_at_ms: int


class AuditLine(msgspec.Struct, frozen=True):
    """A change of one target; ``before`` and ``after`` are JSON texts without secrets."""

    action: str
    target: str
    before: str | None = None
    after: str | None = None


class AuditEntry(msgspec.Struct, frozen=True):
    """One line of the audit log; ``before`` and ``after`` are JSON documents, and no entry holds a secret."""

    id: int
    at_ms: int
    actor_id: str
    actor_name: str
    action: str
    target: str
    comment: str
    epoch: int
    version: int
    before: msgspec.Raw | None
    after: msgspec.Raw | None
