"""Events as rows: added once by their id, counted by flag and variant or by name, deleted when old."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.tables import ENVIRONMENTS, EXPOSURES, TRACKED

INSERT: Mapping[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
PRUNED_AT_ONCE = 10_000

EventKey = tuple[str, str, str]
"""Table, environment and id."""


class ExposureRow(msgspec.Struct, frozen=True):
    """One reported exposure as it is stored; ``unit`` is sealed."""

    environment: str
    id: str
    flag: str
    variant: str
    version: str
    unit: bytes | None
    at_ms: int
    source: str
    uses: int


class TrackedRow(msgspec.Struct, frozen=True):
    """One tracked event as it is stored; ``unit`` is sealed, ``attributes`` the JSON of an object."""

    environment: str
    id: str
    name: str
    unit: bytes | None
    value: float | None
    at_ms: int
    source: str
    attributes: str | None


EventRow = ExposureRow | TrackedRow
TABLES: Mapping[type, Table] = {ExposureRow: EXPOSURES, TrackedRow: TRACKED}


class EventFilter(msgspec.Struct, frozen=True):
    """A selection of events: of one environment, from ``since_ms`` up to but not including ``until_ms``.

    ``only`` is one flag or name, None for all; ``limit`` is the highest number of counts.
    """

    environment: str
    since_ms: int
    until_ms: int
    only: str | None
    limit: int


class ExposureCount(msgspec.Struct, frozen=True):
    """How often a variation was used, by how many distinct units, and when first and last within the window."""

    flag: str
    variant: str
    exposures: int
    units: int
    first_at_ms: int
    last_at_ms: int


class TrackedCount(msgspec.Struct, frozen=True):
    """How often something happened, to how many distinct units, and the values of those events that had one."""

    name: str
    events: int
    units: int
    values: int
    sum: float | None
    minimum: float | None
    maximum: float | None
    first_at_ms: int
    last_at_ms: int


def key_of(row: EventRow) -> EventKey:
    """Return the unique key of an event."""
    return TABLES[type(row)].name, row.environment, row.id


class EventStorage:
    """The part of the store that keeps events."""

    _database: Database

    async def add_events(self, rows: Sequence[EventRow]) -> AbstractSet[EventKey]:
        """Store the ``rows`` with new ids, all or none; return their keys. No key may occur twice."""
        added: set[EventKey] = set()
        # In a fixed order, so that two origins that store the same events never deadlock.
        ordered = sorted(rows, key=key_of)
        async with self._database.writing() as connection:
            for kind, table in TABLES.items():
                added |= await _insert(connection, table, [row for row in ordered if type(row) is kind])
        return added

    async def exposure_counts(self, wanted: EventFilter) -> Sequence[ExposureCount]:
        """Return counts by flag and variant, sorted."""
        columns = (func.sum(EXPOSURES.c.uses), *_occurrences(EXPOSURES))
        rows = await self._counted(EXPOSURES, ("flag", "variant"), columns, wanted)
        # PostgreSQL sums integers into decimals.
        return [ExposureCount(flag, variant, int(uses), *rest) for flag, variant, uses, *rest in rows]

    async def tracked_counts(self, wanted: EventFilter) -> Sequence[TrackedCount]:
        """Return counts by name, sorted."""
        value = TRACKED.c.value
        values = (func.count(value), func.sum(value), func.min(value), func.max(value))
        units, first, last = _occurrences(TRACKED)
        columns = (func.count(), units, *values, first, last)
        rows = await self._counted(TRACKED, ("name",), columns, wanted)
        return [TrackedCount(*row) for row in rows]

    async def _counted(
        self,
        table: Table,
        groups: tuple[str, ...],
        columns: tuple[ColumnElement[Any], ...],
        wanted: EventFilter,
    ) -> Sequence[Any]:
        grouped = [table.c[name] for name in groups]
        conditions = [
            table.c.environment == wanted.environment,
            table.c.at_ms >= wanted.since_ms,
            table.c.at_ms < wanted.until_ms,
            *([grouped[0] == wanted.only] if wanted.only is not None else []),
        ]
        query = select(*grouped, *columns).where(*conditions).group_by(*grouped).order_by(*grouped)
        async with self._database.reading() as connection:
            return (await connection.execute(query.limit(wanted.limit))).all()

    async def prune_events(self, before_ms: int) -> int:
        """Delete events before ``before_ms``, of removed environments too; return how many rows were deleted."""
        async with self._database.reading() as connection:
            names = (await connection.execute(select(ENVIRONMENTS.c.name))).scalars().all()
        return sum([await self._prune(table, name, before_ms) for table in TABLES.values() for name in names])

    async def _prune(self, table: Table, environment: str, before_ms: int) -> int:
        """Delete in steps, so that no write waits for long."""
        old = select(table.c.id).where(table.c.environment == environment, table.c.at_ms < before_ms)
        step = delete(table).where(table.c.environment == environment, table.c.id.in_(old.limit(PRUNED_AT_ONCE)))
        dropped = 0
        while True:
            async with self._database.writing() as connection:
                count = (await connection.execute(step)).rowcount
            dropped += count
            if count < PRUNED_AT_ONCE:
                return dropped


async def _insert(connection: AsyncConnection, table: Table, rows: Sequence[EventRow]) -> set[EventKey]:
    if not rows:
        return set()
    insert = INSERT[connection.dialect.name](table).on_conflict_do_nothing(index_elements=["environment", "id"])
    returning = insert.returning(table.c.environment, table.c.id)
    found = await connection.execute(returning, [msgspec.structs.asdict(row) for row in rows])
    return {(table.name, environment, event_id) for environment, event_id in found}


def _occurrences(table: Table) -> tuple[ColumnElement[Any], ...]:
    return func.count(table.c.unit.distinct()), func.min(table.c.at_ms), func.max(table.c.at_ms)
