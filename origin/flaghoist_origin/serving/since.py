"""Read a caller's version: ``epoch-version``, or a version of the present epoch."""

import re

from flaghoist.errors import InputError
from flaghoist.model.flags import SnapshotVersion

_VERSION = re.compile(r"(?:([0-9]{1,15})-)?([0-9]{1,15})")
_EVENT_ID = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")
UNKNOWN = SnapshotVersion(0, 0)
"""A client's version that names something else: no log can continue from it."""


def read_since(text: str, epoch: int) -> SnapshotVersion:
    """Return the version that a ``since`` parameter names; raise InputError."""
    found = _VERSION.fullmatch(text)
    if found is None:
        raise InputError.at("since", 'since is "epoch-version" or a version, such as 1-42 or 42')
    return SnapshotVersion(int(found[1] or epoch), int(found[2]))


def read_event_id(text: str) -> SnapshotVersion:
    """Return the version in an event's id, `UNKNOWN` for a foreign id."""
    found = _EVENT_ID.fullmatch(text)
    return SnapshotVersion(int(found[1]), int(found[2])) if found else UNKNOWN
