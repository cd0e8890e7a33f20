"""The data folder of the local stack: private to its owner, and used by one stack at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from flaghoist_cli.files.secret_file import PRIVATE_FOLDER
from flaghoist_cli.terminal.failure import CommandFailed


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the folder for this process, creating it if needed; CommandFailed if it is in use or not writable."""
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise CommandFailed(
            f"{folder} cannot be used ({error.strerror}): give another folder with --data-dir"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandFailed(
                f"another `flaghoist dev` uses {folder}: stop it, or choose another folder with --data-dir"
            ) from None
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def kv_folder(folder: Path, database_url: str) -> Path:
    """Return KV's folder: beside its own database, so that another database starts with an empty KV."""
    suffix = f"-{sha256(database_url.encode()).hexdigest()[:8]}" if database_url else ""
    return folder / f"kv{suffix}"
