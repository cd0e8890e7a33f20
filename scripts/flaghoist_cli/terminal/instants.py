"""Points in time as commands print them."""

from datetime import UTC, datetime


def instant(at_ms: int) -> str:
    """Return milliseconds since the epoch as RFC 3339, to the second."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
