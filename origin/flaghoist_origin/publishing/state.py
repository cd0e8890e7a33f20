"""What publishing reports: the outcome of one publish, and where each environment stands between publishes."""

from enum import StrEnum

import msgspec

from flaghoist.model.flags import SnapshotVersion


class PublishReport(msgspec.Struct, frozen=True):
    """What one publish did. ``keys`` are the KV keys written, manifest last; ``bytes`` the size of their values.

    ``shards`` counts the shards that the manifest names; ``was`` is the version that KV held before, None for nothing.
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
        """How many KV values were written."""
        return len(self.keys)

    @property
    def shards_written(self) -> int:
        """How many of the values were shards."""
        return max(0, len(self.keys) - 1)

    @property
    def is_confirmation(self) -> bool:
        """Say whether KV held this version already, so that at most the time of confirmation was written."""
        return self.was == self.version and self.values_written <= 1

    @property
    def line(self) -> str:
        """One line for the log."""
        return (
            f"published {self.environment} {self.version}: wrote {_counted(self.values_written, 'value')},"
            f" {self.bytes:,} bytes, {self.shards_written} of {_counted(self.shards, 'shard')}"
        )


class Phase(StrEnum):
    """How publishing of one environment is going."""

    STARTING = "starting"
    PUBLISHED = "published"
    WAITING = "waiting"
    FAILING = "failing"
    REFUSED = "refused"


class PublishState(msgspec.Struct, frozen=True):
    """Where one environment stands: ``in_kv`` is the version last written to KV; ``detail`` says why not more."""

    phase: Phase = Phase.STARTING
    detail: str = ""
    in_kv: SnapshotVersion | None = None
    confirmed_at_ms: int | None = None


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
