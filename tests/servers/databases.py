"""Databases of one PostgreSQL server for tests: emptied and used again, for making one takes longer than most tests."""

from dataclasses import dataclass, field

import asyncpg

from flaghoist_origin.storage.database.tables import METADATA
from tests.servers.postgres import PostgresServer

TABLES = [table.name for table in METADATA.sorted_tables]
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"

UNGUARDED = "SET session_replication_role = replica"
RESTART = "SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public'"


@dataclass
class Databases:
    """Databases that have all tables, as ``template`` has them; tests know them by names of their own."""

    server: PostgresServer
    template: str
    _names: dict[str, str] = field(default_factory=dict)
    _free: list[str] = field(default_factory=list)
    _spoilt: set[str] = field(default_factory=set)
    _count: int = 0

    def url(self, alias: str) -> str:
        """Return the URL of a database that there is."""
        return self.server.url(self._names.get(alias, alias))

    async def ensure(self, alias: str, like: str = "") -> None:
        """Provide a database unless it is there, with the rows of another if that is named."""
        if alias not in self._names:
            self._names[alias] = self._free.pop() if self._free else await self._new(self.template)
            if like:
                await self._copy_rows(like, alias)

    async def bare(self, alias: str) -> None:
        """Provide a database without any table, never to be used again."""
        self._names[alias] = await self._new("template0")
        self.spoil(alias)

    async def cut_off(self, alias: str) -> None:
        """End all connections to a database and refuse new ones for good."""
        name = self._names[alias]
        self.spoil(alias)
        await self._run(
            "postgres",
            f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false',
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )

    def spoil(self, alias: str) -> None:
        """Say that a database is not to be used again."""
        self._spoilt.add(self._names[alias])

    async def release(self, prefix: str) -> None:
        """Take back the databases whose names begin with ``prefix``."""
        for alias in [alias for alias in self._names if alias.startswith(prefix)]:
            name = self._names.pop(alias)
            if name in self._spoilt:
                await self._run("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')
            else:
                # The audit log refuses to be emptied, except to those who switch triggers off.
                emptied = [UNGUARDED, *(f"DELETE FROM {table}" for table in reversed(TABLES)), RESTART]
                await self._run(name, "; ".join(emptied))
                self._free.append(name)

    async def _new(self, template: str) -> str:
        self._count += 1
        name = f"test_{self._count}"
        await self._run("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return name

    async def _copy_rows(self, source: str, target: str) -> None:
        read, write = await asyncpg.connect(self.url(source)), await asyncpg.connect(self.url(target))
        try:
            for table in TABLES:
                rows = await read.fetch(f"SELECT * FROM {table}")
                await write.copy_records_to_table(table, records=rows)
            for name, value in await read.fetch(SEQUENCES):
                await write.execute("SELECT setval($1, $2)", name, value or 1)
        finally:
            await read.close()
            await write.close()

    async def _run(self, database: str, *statements: str) -> None:
        connection = await asyncpg.connect(self.server.url(database))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()
