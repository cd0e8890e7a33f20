"""Read a caller's version: ``epoch-version``, or a version of the present epoch."""

from flaghoist.errors import InputError
from flaghoist.model.flags import SnapshotVersion

UNKNOWN = SnapshotVersion(0, 0)
"""A client's version that names something else: no log can continue from it."""


def read_since(text: str, epoch: int) -> SnapshotVersion:
    """Return the version that a ``since`` parameter names; raise InputError."""
    version = SnapshotVersion.parse(text, epoch)
    if version is None:
        raise InputError.at("since", 'since is "epoch-version" or a version, such as 1-42 or 42')
    return version


def read_event_id(text: str) -> SnapshotVersion:
    """Return the version in an event's id, `UNKNOWN` for a foreign id."""
    return SnapshotVersion.parse(text) or UNKNOWN
