"""Store events on disk until an origin has acknowledged them: append-only files with a checksum per line.

Each process writes into its own folder below the spool, and takes over the folders of ended processes. Disk errors are
never raised: events that cannot be written stay with the caller, and ``fault`` names the reason.
"""

import os
import secrets
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from flaghoist.sdk.events.ownership import Owned, own

SEGMENT_BYTES = 256 * 1024
_SUFFIX = ".events"
_CHECKSUM = 8
_NAME_BYTES = 8
_ATTEMPTS = 5


class SpoolFile:
    """One file of the spool and its size in bytes."""

    __slots__ = ("path", "size")

    def __init__(self, path: Path, size: int = 0) -> None:
        self.path = path
        self.size = size


class Spool:
    """The events of this process on disk, ``size`` bytes; one thread uses it.

    ``corrupt`` counts lines that could not be read, ``fault`` names the present disk error.
    """

    def __init__(self, root: Path, most_bytes: int) -> None:
        self.fault = ""
        self.corrupt = 0
        self.size = 0
        self._root = root
        self._most_bytes = most_bytes
        self._own: Owned | None = None
        self._adopted: list[Owned] = []
        self._segments: deque[SpoolFile] = deque()
        self._open: SpoolFile | None = None
        self._descriptor = -1
        self._number = 0

    def adopt(self) -> None:
        """Take over the folders of processes that have ended."""
        try:
            for folder in sorted(self._root.iterdir()) if self._root.is_dir() else ():
                if folder.is_dir() and (owned := own(folder)):
                    self._take_over(owned)
        except OSError as error:
            self._record_fault("read", error)

    def _take_over(self, owned: Owned) -> None:
        found = [SpoolFile(path, path.stat().st_size) for path in sorted(owned.folder.glob(f"*{_SUFFIX}"))]
        if not found:
            owned.remove()
            return
        self._adopted.append(owned)
        self._segments.extend(found)
        self.size += sum(segment.size for segment in found)

    def append(self, lines: Sequence[bytes]) -> int:
        """Store the first of ``lines``, as many as fit, so that they survive the process; return how many."""
        records = self._fitting(lines)
        if not records:
            return 0
        try:
            self._write(b"".join(records))
        except OSError as error:
            self._abandon()
            self._record_fault("written", error)
            return 0
        return len(records)

    def _fitting(self, lines: Sequence[bytes]) -> list[bytes]:
        room = self._most_bytes - self.size
        records: list[bytes] = []
        for line in lines:
            record = b"%08x %b\n" % (crc32(line), line)
            room -= len(record)
            if room < 0:
                self.fault = f"the spool is full: {self._root} holds {self.size} of {self._most_bytes} bytes"
                break
            records.append(record)
        return records

    def oldest(self) -> SpoolFile | None:
        """Return the oldest segment, closed, so that nothing is added to it."""
        if not self._segments:
            return None
        if self._segments[0] is self._open:
            self._close()
        return self._segments[0]

    def read(self, segment: SpoolFile) -> list[bytes]:
        """Return the events of a segment; lines that do not match their checksum are skipped and counted."""
        try:
            lines = segment.path.read_bytes().splitlines()
        except OSError as error:
            self._record_fault("read", error)
            return []
        events = [line[_CHECKSUM + 1 :] for line in lines if _is_whole(line)]
        self.corrupt += len(lines) - len(events)
        return events

    def remove(self, segment: SpoolFile) -> None:
        """Delete a segment and all its events."""
        self._segments.remove(segment)
        self.size -= segment.size
        try:
            segment.path.unlink(missing_ok=True)
        except OSError as error:
            self._record_fault("cleared", error)
        if not self._segments:
            self.fault = ""

    def close(self) -> None:
        """Release the folders; empty ones are removed."""
        for owned in self._let_go():
            try:
                if any(owned.folder.glob(f"*{_SUFFIX}")):
                    owned.release()
                else:
                    owned.remove()
            except OSError as error:
                self._record_fault("cleared", error)

    def disown(self) -> None:
        """Leave everything to the parent process, after a fork."""
        for owned in self._let_go():
            owned.release()

    def _let_go(self) -> list[Owned]:
        self._close()
        folders = [*self._adopted, *([self._own] if self._own else [])]
        self._adopted, self._own = [], None
        self._segments.clear()
        self.size = 0
        return folders

    def _write(self, data: bytes) -> None:
        segment = self._open or self._begin()
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        os.fsync(self._descriptor)
        segment.size += len(data)
        self.size += len(data)
        if segment.size >= SEGMENT_BYTES:
            self._close()

    def _begin(self) -> SpoolFile:
        folder = (self._own or self._claim()).folder
        self._number += 1
        path = folder / f"{self._number:08d}{_SUFFIX}"
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._open = SpoolFile(path)
        self._segments.append(self._open)
        return self._open

    def _claim(self) -> Owned:
        """Create the folder of this process; another process that looks for abandoned folders may lock it first."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(_ATTEMPTS):
            folder = self._root / secrets.token_hex(_NAME_BYTES)
            folder.mkdir(mode=0o700)
            self._own = own(folder)
            if self._own:
                return self._own
        raise OSError(f"no folder could be created in {self._root}")

    def _abandon(self) -> None:
        """Cut off a half-written line, and use a new file next time."""
        if self._open is None:
            return
        segment = self._open
        try:
            os.ftruncate(self._descriptor, segment.size)
        except OSError as error:
            self._record_fault("written", error)
        self._close()
        if not segment.size:
            self.remove(segment)

    def _close(self) -> None:
        if self._open is not None:
            os.close(self._descriptor)
        self._open, self._descriptor = None, -1

    def _record_fault(self, what: str, error: OSError) -> None:
        self.fault = f"the spool {self._root} cannot be {what}: {error.strerror or error}"


def _is_whole(line: bytes) -> bool:
    return line[:_CHECKSUM] == b"%08x" % crc32(line[_CHECKSUM + 1 :]) and line[_CHECKSUM : _CHECKSUM + 1] == b" "
