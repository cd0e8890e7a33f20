"""The data of publishing: versions still to publish, the leases, and the shards in KV."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.lease_time import LeaseTime
from flaghoist_origin.storage.database.records import Backlog, OutboxRow, Removal
from flaghoist_origin.storage.database.tables import ENVIRONMENTS, OUTBOX, PUBLICATIONS, SHARDS


class PublicationStorage:
    """The part of the store that the publisher uses."""

    _database: Database
    _lease_time: LeaseTime

    async def pending(self, environment: str) -> tuple[OutboxRow, ...]:
        """Return the committed versions that are not in KV yet, oldest first."""
        query = (
            select(OUTBOX.c.environment, OUTBOX.c.epoch, OUTBOX.c.version, OUTBOX.c.committed_at_ms)
            .where(OUTBOX.c.environment == environment)
            .order_by(OUTBOX.c.epoch, OUTBOX.c.version)
        )
        async with self._database.reading() as connection:
            return tuple(OutboxRow(*row) for row in await connection.execute(query))

    async def backlogs(self) -> Mapping[str, Backlog]:
        """Return the commits that are not in KV yet, for each environment that has any."""
        counted = (OUTBOX.c.environment, func.count(), func.min(OUTBOX.c.committed_at_ms))
        async with self._database.reading() as connection:
            rows = await connection.execute(select(*counted).group_by(OUTBOX.c.environment))
            return {environment: Backlog(count, oldest_ms) for environment, count, oldest_ms in rows}

    async def mark_published(self, environment: str, epoch: int, version: int, at_ms: int) -> None:
        """Record that KV has this version, and delete the pending ones up to it."""
        up_to = tuple_(OUTBOX.c.epoch, OUTBOX.c.version) <= (epoch, version)
        values = {"epoch": epoch, "version": version, "published_at_ms": at_ms}
        async with self._database.writing() as connection:
            await connection.execute(delete(OUTBOX).where(OUTBOX.c.environment == environment, up_to))
            await connection.execute(_publication(environment, _is_older(epoch, version)).values(values))

    async def published(self, environment: str) -> SnapshotVersion | None:
        """Return the newest version that this database knows to be in KV."""
        query = select(PUBLICATIONS.c.epoch, PUBLICATIONS.c.version).where(PUBLICATIONS.c.environment == environment)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
        return SnapshotVersion(row.epoch, row.version) if row and row.epoch is not None else None

    async def take_lease(self, environment: str, holder: str, duration_ms: int) -> bool:
        """Give ``holder`` the lease for ``duration_ms`` from now; return False while another holds it."""
        now_ms = self._lease_time()
        is_free = or_(
            PUBLICATIONS.c.lease_holder.is_(None),
            PUBLICATIONS.c.lease_holder == holder,
            PUBLICATIONS.c.lease_until_ms <= now_ms,
        )
        taken = _publication(environment, is_free).values(lease_holder=holder, lease_until_ms=now_ms + duration_ms)
        return await self._changes(taken)

    async def release_lease(self, environment: str, holder: str) -> None:
        """Release the lease at once, if ``holder`` still holds it."""
        released = _publication(environment, PUBLICATIONS.c.lease_holder == holder)
        await self._changes(released.values(lease_holder=None, lease_until_ms=0))

    async def name_shards(self, environment: str, hashes: Iterable[str], now_ms: int) -> None:
        """Record that a manifest named these shards at ``now_ms``."""
        named = sorted(set(hashes))
        async with self._database.writing() as connection:
            known = await self._known_shards(connection, environment)
            old, new = [name for name in named if name in known], [name for name in named if name not in known]
            if old:
                await connection.execute(
                    update(SHARDS)
                    .where(SHARDS.c.environment == environment, SHARDS.c.hash.in_(old))
                    .values(named_at_ms=now_ms)
                )
            if new:
                rows = [{"environment": environment, "hash": name, "named_at_ms": now_ms} for name in new]
                await connection.execute(insert(SHARDS), rows)

    async def stale_shards(self, environment: str, before_ms: int) -> tuple[str, ...]:
        """Return the shards that no manifest has named since ``before_ms``."""
        query = select(SHARDS.c.hash).where(SHARDS.c.environment == environment, SHARDS.c.named_at_ms < before_ms)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(query.order_by(SHARDS.c.hash))).scalars())

    async def forget_shards(self, environment: str, hashes: Iterable[str]) -> None:
        """Delete records of shards that are no longer in KV."""
        gone = SHARDS.c.hash.in_(list(hashes))
        await self._changes(delete(SHARDS).where(SHARDS.c.environment == environment, gone))

    async def removals(self, environment: str | None = None) -> tuple[Removal, ...]:
        """Return the removed environments, or the named one, of which KV may still have data."""
        is_waiting = select(OUTBOX.c.version).where(OUTBOX.c.environment == ENVIRONMENTS.c.name).exists()
        query = (
            select(ENVIRONMENTS.c.name, ENVIRONMENTS.c.epoch, ENVIRONMENTS.c.version, ENVIRONMENTS.c.removed_at_ms)
            .join(PUBLICATIONS, PUBLICATIONS.c.environment == ENVIRONMENTS.c.name)
            .where(ENVIRONMENTS.c.removed_at_ms.is_not(None), is_waiting | PUBLICATIONS.c.epoch.is_not(None))
            .order_by(ENVIRONMENTS.c.name)
        )
        if environment is not None:
            query = query.where(ENVIRONMENTS.c.name == environment)
        async with self._database.reading() as connection:
            return tuple(Removal(*row) for row in await connection.execute(query))

    async def raise_removed(self, environment: str, epoch: int) -> None:
        """Ensure that a removed environment's name comes back only after ``epoch``."""
        is_removed = (ENVIRONMENTS.c.name == environment) & ENVIRONMENTS.c.removed_at_ms.is_not(None)
        await self._changes(update(ENVIRONMENTS).where(is_removed).values(epoch=epoch))

    async def forget_publication(self, environment: str) -> None:
        """Record that KV has no data of an environment."""
        unpublished = {"epoch": None, "version": None, "published_at_ms": None}
        async with self._database.writing() as connection:
            await connection.execute(delete(OUTBOX).where(OUTBOX.c.environment == environment))
            await connection.execute(delete(SHARDS).where(SHARDS.c.environment == environment))
            await connection.execute(
                update(PUBLICATIONS).where(PUBLICATIONS.c.environment == environment).values(unpublished)
            )

    async def _changes(self, statement: Any) -> bool:
        async with self._database.writing() as connection:
            return bool((await connection.execute(statement)).rowcount)

    @staticmethod
    async def _known_shards(connection: AsyncConnection, environment: str) -> frozenset[str]:
        # The environment's publication row serves as the lock: two origins never insert the same shard.
        lock = select(PUBLICATIONS.c.environment).where(PUBLICATIONS.c.environment == environment).with_for_update()
        await connection.execute(lock)
        query = select(SHARDS.c.hash).where(SHARDS.c.environment == environment)
        return frozenset((await connection.execute(query)).scalars())


def _publication(environment: str, condition: ColumnElement[bool]) -> Any:
    return update(PUBLICATIONS).where(PUBLICATIONS.c.environment == environment, condition)


def _is_older(epoch: int, version: int) -> ColumnElement[bool]:
    held = tuple_(PUBLICATIONS.c.epoch, PUBLICATIONS.c.version)
    return or_(PUBLICATIONS.c.epoch.is_(None), held <= (epoch, version))
