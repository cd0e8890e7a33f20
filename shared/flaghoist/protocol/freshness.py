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


def freshness_headers(version: SnapshotVersion, standing: Freshness) -> dict[str, str]:
    """Return the headers for version, age in seconds, level, notes and the time of I/O steps."""
    headers = {
        VERSION_HEADER: str(version),
        AGE_HEADER: str(standing.age_seconds),
        LEVEL_HEADER: str(standing.level),
    }
    if standing.notes:
        headers[NOTES_HEADER] = ", ".join(standing.notes)
    if standing.consistency:
        headers[CONSISTENCY_HEADER] = standing.consistency
    if standing.legs_ms:
        headers[TIMING_HEADER] = server_timing(standing.legs_ms)
    return headers


def server_timing(legs_ms: Mapping[str, int]) -> str:
    """Return the value of ``Server-Timing`` for the I/O steps."""
    return ", ".join(f"{leg};dur={duration}" for leg, duration in legs_ms.items())


def freshness_metadata(version: SnapshotVersion, standing: Freshness, environment: str) -> Metadata:
    """Return the same as flat metadata, the form that OFREP allows."""
    metadata: Metadata = {
        "version": str(version),
        "age": standing.age_seconds,
        "level": standing.level,
        "environment": environment,
    }
    if standing.notes:
        metadata["notes"] = ", ".join(standing.notes)
    return metadata
