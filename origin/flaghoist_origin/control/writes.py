"""The way of a write, in four steps; the last is the list in `after_commit`."""

from collections.abc import Callable
from time import perf_counter

import msgspec

from flaghoist.errors import Unavailable
from flaghoist_origin.observability.metrics import COMMITS
from flaghoist_origin.observability.traces import span
from flaghoist_origin.serving.bulk import collection_paused
from flaghoist_origin.serving.environment_state import CompiledFlagSet
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.storage.database.records import Author, Change, Committed, EnvironmentRecord
from flaghoist_origin.storage.environments.environments import EnvironmentStorage

Edit = Callable[[EnvironmentRecord], Change]


class WriteResult(msgspec.Struct, frozen=True):
    """The environment after a write, and what the write changed."""

    record: EnvironmentRecord
    change: Change

    @property
    def is_created(self) -> bool:
        """Say whether the write created its first entity."""
        return any(entity.before is None for entity in self.change.entities[:1])


class Writer:
    """Commits edits, one at a time per environment."""

    def __init__(self, store: EnvironmentStorage, environments: Environments) -> None:
        self._store = store
        self._environments = environments

    async def commit_edit(self, environment: str, edit: Edit, author: Author) -> WriteResult:
        """Commit what ``edit`` makes of the committed state; an edit that changes nothing counts no version up.

        1. Wait for the environment's turn in this process.
        2. In one transaction: lock the environment, let ``edit`` decide, compile the result, store all of it.
        3. Replace the environment's state in memory.
        4. Tell the subscribers that `after_commit` lists.

        The edit runs in a thread and may raise: then nothing was written. The same holds when its result is past a
        limit and cannot be compiled. Raises Unavailable when the database is away.
        """
        async with self._environments.turn(environment):
            attempt = _Attempt(self._environments, edit)
            before = self._environments.get(environment).record
            with collection_paused():
                committed = await self._commit(environment, attempt, author, before)
            if committed.record.marks != before.marks:
                self._environments.install(committed.record, attempt.compiled)
        return WriteResult(committed.record, attempt.change)

    async def _commit(
        self, environment: str, attempt: "_Attempt", author: Author, before: EnvironmentRecord
    ) -> Committed:
        started, outcome = perf_counter(), "refused"
        try:
            with span("commit", environment=environment):
                committed = await self._store.commit(environment, attempt, author, before)
            outcome = "committed" if committed.is_changed else "unchanged"
        except Unavailable:
            outcome = "failed"
            raise
        finally:
            COMMITS.labels(outcome).observe(perf_counter() - started)
        return committed


class _Attempt:
    """One run of an edit, which keeps what the store need not know."""

    change: Change
    compiled: CompiledFlagSet

    def __init__(self, environments: Environments, edit: Edit) -> None:
        self._environments = environments
        self._edit = edit

    def __call__(self, record: EnvironmentRecord) -> Change:
        self.change = self._edit(record)
        self.compiled = self._environments.compile(record, self.change.flagset)
        return self.change
