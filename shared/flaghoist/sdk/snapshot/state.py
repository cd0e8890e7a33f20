"""What evaluations see: one immutable object, replaced as a whole, so that no thread sees half of a change."""

from collections.abc import Mapping

import msgspec

from flaghoist.sdk.snapshot.levels import Level
from flaghoist.sdk.snapshot.snapshot import Snapshot

NEVER = -1.0


class State(msgspec.Struct, frozen=True, eq=False):
    """The level, the reason for it, and the snapshot if there is one, with its ``version`` as text.

    ``metadata`` is the part of it that every evaluation returns. ``confirmed_at`` is the second of the monotonic clock
    at which an origin last confirmed that this is its newest snapshot, or `NEVER`.
    """

    level: Level
    reason: str
    snapshot: Snapshot | None = None
    version: str = ""
    metadata: Mapping[str, str | int] = {}
    confirmed_at: float = NEVER

    def age_seconds(self, now: float) -> int:
        """Return the seconds since an origin confirmed the snapshot; a live stream confirms it continuously."""
        if self.level is Level.STREAMING or self.confirmed_at == NEVER:
            return 0
        return max(0, int(now - self.confirmed_at))


class InitialSnapshot(msgspec.Struct, frozen=True, eq=False):
    """The initial snapshot, if any, and a sentence that says where it is from or why there is none."""

    snapshot: Snapshot | None
    description: str


def make_state(level: Level, reason: str, snapshot: Snapshot | None, confirmed_at: float = NEVER) -> State:
    """Return the state for a level and a snapshot; without a snapshot the level is defaults."""
    if snapshot is None:
        return State(Level.DEFAULTS, reason)
    version = str(snapshot.version)
    metadata: Mapping[str, str | int] = {
        "version": version,
        "level": level.freshness_level,
        "environment": snapshot.manifest.environment,
    }
    return State(level, reason, snapshot, version, metadata, confirmed_at)
