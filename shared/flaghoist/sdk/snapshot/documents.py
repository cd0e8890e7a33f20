"""What an origin sends of an environment: all of it, or what changed since a version."""

from collections.abc import Mapping

import msgspec

from flaghoist.errors import SnapshotCorrupt
from flaghoist.model.flags import SnapshotVersion


class Document(msgspec.Struct, frozen=True):
    """One answer or event; entities are JSON that is not read yet. With ``since`` it is a change of that version.

    ``removed`` lists by collection the keys of what is gone. Members that are not known here are ignored.
    """

    environment: str
    epoch: int
    version: int
    flags: tuple[msgspec.Raw, ...]
    segments: tuple[msgspec.Raw, ...] = ()
    groups: tuple[msgspec.Raw, ...] = ()
    since: str = ""
    removed: Mapping[str, tuple[str, ...]] = {}

    @property
    def snapshot_version(self) -> SnapshotVersion:
        """The version that it leads to."""
        return SnapshotVersion(self.epoch, self.version)

    def gone(self, collection: str) -> tuple[str, ...]:
        """Return the keys of a collection that are gone."""
        return self.removed.get(collection, ())


UNREADABLE = (msgspec.MsgspecError, RecursionError, ValueError)
"""What msgspec raises for JSON that is none, that is too deep, or whose text is none."""

_decode = msgspec.json.Decoder(Document).decode


def decode_document(data: bytes | str) -> Document:
    """Return what an origin sent; raise SnapshotCorrupt when it is something else."""
    try:
        return _decode(data)
    except UNREADABLE as error:
        raise SnapshotCorrupt(
            f"the origin's answer is no snapshot ({error}): check that origin names a Flaghoist origin"
        ) from error
