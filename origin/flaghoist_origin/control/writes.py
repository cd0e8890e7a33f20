"""The commit path: decide under the lock, compile before committing, replace the cached state afterwards."""

from collections.abc import Callable
from time import perf_counter

import msgspec

from flaghoist.errors import Unavailable
from flaghoist_origin.observability.metrics import COMMITS
from flaghoist_origin.observability.traces import span
from flaghoist_origin.serving.bulk import collection_paused
from flaghoist_origin.serving.environment_state import Compiled, Environments
from flaghoist_origin.storage.database.records import Author, Change, Committed, EnvironmentRecord
from flaghoist_origin.storage.store import Store

Edit = Callable[[EnvironmentRecord], Change]


class Written(msgspec.Struct, frozen=True):
    """The environment after a write; ``is_created`` is true if the write created its entity."""

    record: EnvironmentRecord
    change: Change

    @property
    def is_created(self) -> bool:
        """Say whether the write created its first entity."""
        return any(entity.before is None for entity in self.change.entities[:1])


class Writer:
    """Commits edits, one at a time per environment."""

    def __init__(self, store: Store, environments: Environments) -> None:
        self._store = store
        self._environments = environments

    async def write(self, environment: str, edit: Edit, author: Author) -> Written:
        """Commit what ``edit`` makes from the committed state; an edit that changes nothing raises no version.

        The edit runs in a thread and may raise: then nothing was written. The same holds if its result cannot be packed
        because it exceeds a limit. Raises Unavailable if the database is unavailable.
        """
        async with self._environments.turn(environment):
            attempt = _Attempt(self._environments, edit)
            held = self._environments.get(environment).record
            with collection_paused():
                committed = await self._commit(environment, attempt, author, held)
            if committed.record.marks != held.marks:
                self._environments.install(committed.record, attempt.compiled)
        return Written(committed.record, attempt.change)

    async def _commit(
        self, environment: str, attempt: "_Attempt", author: Author, held: EnvironmentRecord
    ) -> Committed:
        started, outcome = perf_counter(), "refused"
        try:
            with span("commit", environment=environment):
                committed = await self._store.commit(environment, attempt, author, held)
            outcome = "committed" if committed.is_changed else "unchanged"
        except Unavailable:
            outcome = "failed"
            raise
        finally:
            COMMITS.labels(outcome).observe(perf_counter() - started)
        return committed


class _Attempt:
    """One run of an edit, with results that the store does not need."""

    change: Change
    compiled: Compiled

    def __init__(self, environments: Environments, edit: Edit) -> None:
        self._environments = environments
        self._edit = edit

    def __call__(self, record: EnvironmentRecord) -> Change:
        self.change = self._edit(record)
        self.compiled = self._environments.compile(record, self.change.flagset)
        return self.change
