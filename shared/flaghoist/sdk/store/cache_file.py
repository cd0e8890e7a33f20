"""The last snapshot on disk, for a start without the origin.

A header with a checksum, then MessagePack: wire forms whose identifiers are sealed under the server key. So the file
contains no user names and can be read with that key alone. It is written atomically and only its owner can read it.
"""

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from flaghoist.errors import SnapshotCorrupt, SnapshotFormatError
from flaghoist.model.flags import Group, SnapshotVersion
from flaghoist.sdk.snapshot.snapshot import Parts, Snapshot
from flaghoist.snapshot.sealing import Sealer
from flaghoist.snapshot.wire import WireSegment, decode_flags
from flaghoist.steps import Steps

FORMAT = 1
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
ASIDE = ".corrupt"
"""The suffix of damaged files."""

_MAGIC = b"flaghoist-snapshot"
_PROOF = "the key that sealed this file"


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    """The content after the header; ``proof`` is equal only under the same key."""

    environment: str
    epoch: int
    version: int
    proof: bytes
    flags: tuple[msgspec.Raw, ...]
    segments: tuple[WireSegment, ...]
    groups: tuple[Group, ...]


_decode = msgspec.msgpack.Decoder(_Stored).decode
_encode = msgspec.msgpack.encode


class CachedFile(msgspec.Struct, frozen=True):
    """The content of a file."""

    environment: str
    version: SnapshotVersion
    parts: Parts


def encode_steps(snapshot: Snapshot, sealer: Sealer) -> Steps[bytes]:
    """Return the bytes of a file for a snapshot, in short steps."""
    flags: list[msgspec.Raw] = []
    for shard in snapshot.shards.values():
        flags.append(msgspec.Raw(_encode(tuple(shard.flags.flags.values()))))
        yield len(shard.flags.flags)
    stored = _Stored(
        snapshot.manifest.environment,
        snapshot.version.epoch,
        snapshot.version.version,
        sealer.unit(_PROOF),
        tuple(flags),
        tuple(snapshot.segments.values()),
        tuple(snapshot.groups.values()),
    )
    body = _encode(stored)
    yield 1
    return b"%b %d %b\n%b" % (_MAGIC, FORMAT, sha256(body).hexdigest().encode(), body)


def decode(data: bytes, environment: str, sealer: Sealer) -> CachedFile:
    """Return the content of a file.

    Raises SnapshotCorrupt if it is damaged, SnapshotFormatError if it is intact but cannot be used here: written by
    another version, for another environment, or under another key.
    """
    body = _checked(data)
    try:
        stored = _decode(body)
        flags = [flag for raw in stored.flags for flag in decode_flags(raw)]
    except msgspec.MsgspecError as error:
        raise SnapshotFormatError(f"it was written by another version of the SDK ({error})") from error
    if stored.environment != environment:
        raise SnapshotFormatError(f"it holds the environment {stored.environment!r}, and the key is of {environment!r}")
    if stored.proof != sealer.unit(_PROOF):
        raise SnapshotFormatError("it was sealed under another key")
    segments = {segment.key: segment for segment in stored.segments}
    parts = Parts(flags, segments, {group.key: group for group in stored.groups})
    return CachedFile(stored.environment, SnapshotVersion(stored.epoch, stored.version), parts)


def _checked(data: bytes) -> bytes:
    """Return the content after the header; raise SnapshotCorrupt or SnapshotFormatError if the header is wrong."""
    header, _, body = data.partition(b"\n")
    words: Sequence[bytes] = header.split(b" ")
    if len(words) != 3 or words[0] != _MAGIC:
        raise SnapshotCorrupt("it is not a cache file")
    if words[1] != b"%d" % FORMAT:
        raise SnapshotFormatError(f"its format is {words[1][:20].decode(errors='replace')}, this SDK reads {FORMAT}")
    if sha256(body).hexdigest().encode() != words[2]:
        raise SnapshotCorrupt("its checksum does not match")
    return body


def write_private_file(path: Path, data: bytes) -> None:
    """Write ``data`` atomically to a file that only its owner can read; raise OSError."""
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def move_aside(path: Path) -> Path:
    """Rename a damaged file, so that it can be examined and is not read again; return its new name."""
    aside = path.with_name(path.name + ASIDE)
    path.replace(aside)
    return aside
