"""Reports of publishing: the result of one publish, and the state of each environment between publishes."""

from enum import StrEnum

import msgspec

from flaghoist.model.flags import SnapshotVersion


class PublishReport(msgspec.Struct, frozen=True):
    """The result of one publish. ``keys`` are the KV keys written, manifest last; ``bytes`` the size of their values.

    ``shards`` counts the shards that the manifest names; ``was`` is the previous version in KV, None if there was none.
    """

    environment: str
    version: SnapshotVersion
    keys: tuple[str, ...]
    bytes: int
    shards: int
    confirmed_at_ms: int
    was: SnapshotVersion | None = None

    @property
    def values_written(self) -> int:
        """The number of KV values written."""
        return len(self.keys)

    @property
    def shards_written(self) -> int:
        """The number of written values that are shards."""
        return max(0, len(self.keys) - 1)

    @property
    def is_confirmation(self) -> bool:
        """Return whether KV had this version already, so that at most the time of confirmation was written."""
        return self.was == self.version and self.values_written <= 1

    @property
    def line(self) -> str:
        """One line for the log."""
        return (
            f"published {self.environment} {self.version}: wrote {_counted(self.values_written, 'value')},"
            f" {self.bytes:,} bytes, {self.shards_written} of {_counted(self.shards, 'shard')}"
        )


class Phase(StrEnum):
    """The state of publishing of one environment."""

    STARTING = "starting"
    PUBLISHED = "published"
    WAITING = "waiting"
    FAILING = "failing"
    REFUSED = "refused"


class PublishState(msgspec.Struct, frozen=True):
    """The state of one environment: ``in_kv`` is the last version written to KV; ``detail`` says why no newer one."""

    phase: Phase = Phase.STARTING
    detail: str = ""
    in_kv: SnapshotVersion | None = None
    confirmed_at_ms: int | None = None


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
