"""Writes that no origin could accept yet: one private file each in the data folder, oldest first."""

import secrets
import time
from pathlib import Path

import msgspec

from flaghoist.model.flags import FlagSet
from flaghoist_cli.client.target import OriginTarget
from flaghoist_cli.files.flag_files import encode_flag_set, parse_flag_set
from flaghoist_cli.files.secret_file import write_private
from flaghoist_cli.terminal.failure import CommandFailed

FOLDER = "queue"


class QueuedWrite(msgspec.Struct, frozen=True):
    """A whole flag set that is to replace the state ``if_match`` of an environment; it contains no key."""

    id: str
    made_at_ms: int
    origin: str
    environment: str
    if_match: str
    snapshot: msgspec.Raw

    @property
    def flagset(self) -> FlagSet:
        """Return the flag set to be written."""
        return parse_flag_set(bytes(self.snapshot))

    def is_for(self, target: OriginTarget) -> bool:
        """Return whether a target is the destination of this write."""
        return (self.origin, self.environment) == (target.origin, target.environment)


class WriteQueue:
    """The queue in a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / FOLDER

    def add_write(self, target: OriginTarget, flagset: FlagSet, if_match: str) -> Path:
        """Save a write; return its file."""
        now_ms = time.time_ns() // 1_000_000
        name = f"{now_ms:013d}-{secrets.token_hex(3)}"
        body = msgspec.Raw(encode_flag_set(flagset))
        write = QueuedWrite(name, now_ms, target.origin, target.environment, if_match, body)
        path = self._path(name)
        write_private(path, msgspec.json.encode(write))
        return path

    def writes(self) -> tuple[QueuedWrite, ...]:
        """Return all writes, oldest first."""
        return tuple(_read(path) for path in sorted(self.folder.glob("*.json")))

    def remove_write(self, write: QueuedWrite) -> None:
        """Delete a write."""
        self._path(write.id).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _read(path: Path) -> QueuedWrite:
    try:
        return msgspec.json.decode(path.read_bytes(), type=QueuedWrite)
    except (OSError, msgspec.MsgspecError) as error:
        raise CommandFailed(f"{path} cannot be read ({error}): remove it") from error
