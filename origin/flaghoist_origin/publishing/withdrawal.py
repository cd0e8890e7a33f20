"""Remove the data of removed environments from KV: first a manifest without keys, a day later all values are deleted.

Deleting the manifest at once would leave edges with their cached state, because a failed read never empties it. An edge
that reads a manifest without keys rejects every key from then on.
"""

import asyncio
import logging
import os
import secrets
import socket

import msgspec

from flaghoist.errors import FlaghoistError, SnapshotCorrupt, Unavailable
from flaghoist.snapshot.manifest import FORMAT, Manifest, decode_manifest, encode_manifest, manifest_key, shard_prefix
from flaghoist_origin.kv.answers import LATER, KvUnavailable
from flaghoist_origin.kv.client import KvClient
from flaghoist_origin.publishing.garbage import KEPT_MS
from flaghoist_origin.publishing.lease import Lease, LeaseHeld
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.runtime.pausing import pause
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.database.records import Removal
from flaghoist_origin.storage.environments.publication import PublicationStorage

LOG = logging.getLogger("flaghoist.publisher")


class Withdrawals:
    """Takes removed environments out of KV. Start `run` as a task; call `request_withdrawal` after a removal."""

    def __init__(self, store: PublicationStorage, kv: KvClient, settings: Settings, clock: Clock) -> None:
        self._store, self._kv, self._settings, self._clock = store, kv, settings, clock
        # A different lease holder than the publisher, which may be in the middle of a write.
        holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._lease = Lease(store, clock, holder=holder, duration_seconds=settings.lease_seconds)
        self._requested = asyncio.Event()

    def request_withdrawal(self, _: str) -> None:
        """Look for removed environments at once, whichever was named; returns at once."""
        self._requested.set()

    async def run(self) -> None:
        """Withdraw removed environments until cancelled, and check this at every heartbeat."""
        while True:
            self._requested.clear()
            is_done = await self.withdraw_all()
            seconds = self._settings.heartbeat_seconds if is_done else self._settings.lease_seconds / 4
            await pause(self._requested, seconds)

    async def withdraw_all(self) -> bool:
        """Withdraw removed environments once; return False if any must be retried."""
        try:
            removals = await self._store.removals()
        except Unavailable:
            return False
        return all([await self._is_withdrawn(removal.environment) for removal in removals])

    async def _is_withdrawn(self, environment: str) -> bool:
        try:
            async with self._lease.hold(environment):
                await self._withdraw(environment)
        except FlaghoistError as error:
            level = logging.DEBUG if isinstance(error, LeaseHeld) else logging.WARNING
            LOG.log(level, "the removed %s is still in KV: %s", environment, error)
            return False
        return True

    async def _withdraw(self, environment: str) -> None:
        for removal in await self._store.removals(environment):  # none if it was created again meanwhile
            if self._clock.now_ms() - removal.removed_at_ms < KEPT_MS:
                await self._close(removal)
            else:
                await self._delete(removal)

    async def _close(self, removal: Removal) -> None:
        found = await self._found(removal)
        closing = self._closing(removal)
        if found is not None and found.snapshot_version > closing.snapshot_version:
            await self._store.raise_removed(removal.environment, found.epoch + 1)
            closing = self._closing(msgspec.structs.replace(removal, epoch=found.epoch + 1))
        if found is not None and found.snapshot_version != closing.snapshot_version:
            await self._put_manifest(closing)
            LOG.info("%s is removed: its manifest in KV has no valid keys any more", removal.environment)
        version = closing.snapshot_version
        now_ms = self._clock.now_ms()
        await self._store.mark_published(removal.environment, version.epoch, version.version, now_ms)

    async def _put_manifest(self, closing: Manifest) -> None:
        try:
            with self._lease.guard_write(closing.environment):
                async with asyncio.timeout(self._settings.kv_write_timeout_seconds):
                    await self._kv.put(manifest_key(closing.environment), encode_manifest(closing))
        except TimeoutError as error:
            raise KvUnavailable(f"writing the manifest of {closing.environment} took too long; {LATER}") from error

    async def _delete(self, removal: Removal) -> None:
        name = removal.environment
        keys = [*await self._kv.keys(shard_prefix(name)), manifest_key(name)]
        with self._lease.guard_write(name):
            await self._kv.delete_many(keys)
        await self._store.forget_publication(name)
        LOG.info("%s is removed: deleted its %d values from KV", name, len(keys))

    async def _found(self, removal: Removal) -> Manifest | None:
        data = await self._kv.get(manifest_key(removal.environment))
        try:
            return decode_manifest(data) if data is not None else None
        except SnapshotCorrupt:
            return self._closing(Removal(removal.environment, 0, 0, 0))

    def _closing(self, removal: Removal) -> Manifest:
        return Manifest(
            format=FORMAT,
            environment=removal.environment,
            epoch=removal.epoch,
            version=removal.version,
            committed_at_ms=removal.removed_at_ms,
            confirmed_at_ms=removal.removed_at_ms,
            shards=(),
            attributes=(),
            keys=(),
            ttl_seconds=self._settings.ttl_seconds,
        )
