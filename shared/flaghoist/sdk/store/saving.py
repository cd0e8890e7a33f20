"""Save the newest snapshot to the cache file: soon after it arrived, but not too often."""

import logging
from pathlib import Path

from flaghoist.sdk.snapshot.pacing import gently
from flaghoist.sdk.snapshot.snapshot import Snapshot
from flaghoist.sdk.store import cache_file
from flaghoist.snapshot.sealing import Sealer
from flaghoist.steps import complete

LOG = logging.getLogger("flaghoist.sdk")


class Saver:
    """Writes snapshots to ``path``, if there is one; disk errors are logged and retried."""

    def __init__(self, path: Path | None, sealer: Sealer, save_seconds: float) -> None:
        self._path = path
        self._sealer = sealer
        self._save_seconds = save_seconds
        self._waiting: Snapshot | None = None
        self._fault = ""

    def save_later(self, snapshot: Snapshot) -> None:
        """Request that a snapshot is written; it replaces one that still waits."""
        if self._path is not None:
            self._waiting = snapshot

    async def run(self) -> None:
        """Write pending snapshots for ever; write at once when cancelled."""
        import asyncio  # noqa: PLC0415 (it takes long to import; only a started provider needs it)

        try:
            while True:
                if self._waiting is not None:
                    snapshot, self._waiting = self._waiting, None
                    self._write(await gently(cache_file.encode_steps(snapshot, self._sealer)))
                await asyncio.sleep(self._save_seconds)
        finally:
            if self._waiting is not None:
                self._write(complete(cache_file.encode_steps(self._waiting, self._sealer)))

    def _write(self, data: bytes) -> None:
        assert self._path is not None, "a snapshot can wait only with a path"
        try:
            cache_file.write_private_file(self._path, data)
        except OSError as error:
            fault = (
                f"cache file {self._path} cannot be written ({error.strerror}): without the origin, a start has none"
            )
            if fault != self._fault:
                LOG.warning("%s", fault)
            self._fault = fault
            return
        self._fault = ""
