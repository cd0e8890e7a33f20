"""Write the freshness of an answer into headers and into the metadata of bodies."""

from collections.abc import Mapping

from flaghoist.model.flags import SnapshotVersion
from flaghoist.protocol.requests import Freshness

FRESH = 0
STALE = 1
FROM_ORIGIN = 2
LAST_KNOWN_GOOD = 3
DEFAULTS = 4

VERSION_HEADER = "Flaghoist-Version"
AGE_HEADER = "Flaghoist-Age"
LEVEL_HEADER = "Flaghoist-Level"
NOTES_HEADER = "Flaghoist-Notes"
CONSISTENCY_HEADER = "Flaghoist-Consistency"
TIMING_HEADER = "Server-Timing"
STATE_HEADERS = (VERSION_HEADER, AGE_HEADER, LEVEL_HEADER, NOTES_HEADER, CONSISTENCY_HEADER)

NO_VERSION = SnapshotVersion(0, 0)
"""The version of answers without a snapshot: before every real version."""

Metadata = dict[str, str | int]


def freshness_headers(version: str, freshness: Freshness) -> dict[str, str]:
    """Return the headers for version, age in seconds, level, notes and the time of I/O steps."""
    headers = {
        VERSION_HEADER: version,
        AGE_HEADER: str(freshness.age_seconds),
        LEVEL_HEADER: str(freshness.level),
    }
    if freshness.notes:
        headers[NOTES_HEADER] = ", ".join(freshness.notes)
    if freshness.consistency:
        headers[CONSISTENCY_HEADER] = freshness.consistency
    if freshness.legs_ms:
        headers[TIMING_HEADER] = server_timing(freshness.legs_ms)
    return headers


def server_timing(legs_ms: Mapping[str, int]) -> str:
    """Return the value of ``Server-Timing`` for the I/O steps."""
    return ", ".join(f"{leg};dur={duration}" for leg, duration in legs_ms.items())


def freshness_metadata(version: str, freshness: Freshness, environment: str) -> Metadata:
    """Return the same as flat metadata, the form that OFREP allows."""
    metadata: Metadata = {
        "version": version,
        "age": freshness.age_seconds,
        "level": freshness.level,
        "environment": environment,
    }
    if freshness.notes:
        metadata["notes"] = ", ".join(freshness.notes)
    return metadata
