"""Say which process a spool folder belongs to: by a lock that the system takes back when the process is gone."""

import os
import sys
from pathlib import Path

_FILE = "lock"


class Owned:
    """A folder that this process owns until it lets go, or dies."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self.folder = folder
        self._descriptor = descriptor

    def release(self) -> None:
        """Let others have the folder."""
        os.close(self._descriptor)

    def remove(self) -> None:
        """Remove the folder, which holds nothing else any more, and let go; raises OSError."""
        try:
            (self.folder / _FILE).unlink(missing_ok=True)
            self.folder.rmdir()
        finally:
            self.release()


def own(folder: Path) -> Owned | None:
    """Take a folder that exists; return None while another process has it. Raises OSError."""
    descriptor = os.open(folder / _FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
    except OSError:
        os.close(descriptor)
        return None
    return Owned(folder, descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
