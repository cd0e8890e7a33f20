"""Read what a caller says that it holds: ``epoch-version``, or a version of the epoch that holds now."""

from flaghoist.errors import InputError
from flaghoist.model.flags import SnapshotVersion

UNKNOWN = SnapshotVersion(0, 0)
"""What a client holds that names something else: nothing from which a log could lead on."""


def read_since(text: str, epoch: int) -> SnapshotVersion:
    """Return the version that a ``since`` parameter names; raise InputError."""
    version = SnapshotVersion.parse(text, epoch)
    if version is None:
        raise InputError.at("since", 'since is "epoch-version" or a version, such as 1-42 or 42')
    return version


def read_event_id(text: str) -> SnapshotVersion:
    """Return the version that the id of an event names, `UNKNOWN` for an id that is not ours."""
    return SnapshotVersion.parse(text) or UNKNOWN
