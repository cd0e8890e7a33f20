"""Detect that KV is ahead of the database, as after a restore, and raise the epoch above it on command."""

from collections.abc import Collection

from flaghoist.errors import Conflict
from flaghoist.model.flags import SnapshotVersion
from flaghoist.snapshot.manifest import Manifest
from flaghoist_origin.storage.database.records import EnvironmentRecord, OutboxRow


class KvAhead(Conflict):
    """KV has a snapshot that this database did not commit; publishing would replace it by an older state."""

    slug = "kv-ahead"
    title = "KV is ahead of the database"

    @classmethod
    def of(cls, found: Manifest, record: EnvironmentRecord) -> "KvAhead":
        """Return the error that names both versions and the remedy."""
        return cls(
            f"KV holds {record.name} {found.snapshot_version}, which this database (at {record.snapshot_version})"
            " did not commit, so nothing is published: `flaghoist recover` puts the database's state into force"
        )


def is_ahead(
    found: Manifest, record: EnvironmentRecord, published: SnapshotVersion | None, pending: Collection[OutboxRow]
) -> bool:
    """Return whether ``found`` in KV is something that this database never committed.

    A version newer than the last known publish is fine if it is a commit that still waits in the outbox: its publisher
    ended between writing KV and recording it. Commits are also compared by time, because a restored database reaches
    the same version again with other content. A higher epoch here means that an operator has already decided.
    """
    if found.epoch != record.epoch:
        return found.epoch > record.epoch
    if published is not None and found.snapshot_version <= published:
        return False
    return (found.version, found.committed_at_ms) not in {
        (row.version, row.committed_at_ms) for row in pending if row.epoch == found.epoch
    }
