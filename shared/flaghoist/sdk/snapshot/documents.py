"""An origin's document of an environment: all of it, or the changes since a version."""

from collections.abc import Mapping

import msgspec

from flaghoist.errors import SnapshotCorrupt
from flaghoist.model.flags import SnapshotVersion


class Document(msgspec.Struct, frozen=True):
    """One answer or event; entities are JSON that is not read yet. With ``since`` it holds only changes after that.

    ``removed`` lists the keys of removed entities by collection. Unknown members are ignored.
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
        """The version after the document."""
        return SnapshotVersion(self.epoch, self.version)

    def gone(self, collection: str) -> tuple[str, ...]:
        """Return the removed keys of a collection."""
        return self.removed.get(collection, ())


UNREADABLE = (msgspec.MsgspecError, RecursionError, ValueError)
"""The exceptions of msgspec for malformed JSON, too deep nesting, and invalid text."""

_decode = msgspec.json.Decoder(Document).decode


def decode_document(data: bytes | str) -> Document:
    """Return the document in an origin's answer; raise SnapshotCorrupt if it is not one."""
    try:
        return _decode(data)
    except UNREADABLE as error:
        raise SnapshotCorrupt(
            f"the origin's answer is not a snapshot ({error}): check that origin names a Flaghoist origin"
        ) from error
