"""Mark which process owns a spool folder, by a lock that the system releases when the process ends."""

import os
import sys
from pathlib import Path

_FILE = "lock"


class Owned:
    """A folder that this process owns until it releases it or ends."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self.folder = folder
        self._descriptor = descriptor

    def release(self) -> None:
        """Release the folder for others."""
        os.close(self._descriptor)

    def remove(self) -> None:
        """Remove the folder, which is otherwise empty, and release it; raises OSError."""
        try:
            (self.folder / _FILE).unlink(missing_ok=True)
            self.folder.rmdir()
        finally:
            self.release()


def own(folder: Path) -> Owned | None:
    """Take ownership of an existing folder; return None while another process owns it. Raises OSError."""
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
