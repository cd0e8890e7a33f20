"""The environments in memory: the current state of each, kept up with the database, and who is told of changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple, Protocol

from flaghoist.errors import NotFound, Unavailable
from flaghoist.model.flags import FlagSet, SnapshotVersion
from flaghoist_origin.observability.outages import Outages
from flaghoist_origin.serving.bulk import collection_paused
from flaghoist_origin.serving.environment_state import CompiledFlagSet, EnvironmentState
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.settings.stream_places import Places, read_places
from flaghoist_origin.storage.database.records import EnvironmentRecord
from flaghoist_origin.storage.environments.environments import EnvironmentStorage


class CommitSubscriber(NamedTuple):
    """Who is told the name of each environment that changed or was removed; ``does`` says what comes of it.

    ``notify`` returns at once and does not raise: the work is done by a task of its own.
    """

    name: str
    does: str
    notify: Callable[[str], None]


class Compiler(Protocol):
    """What compiles flag sets: `FlagSetCompiler`."""

    def compile(self, environment: str, flagset: FlagSet, previous: CompiledFlagSet | None) -> CompiledFlagSet:
        """Return the compiled form of a valid flag set; raise LimitExceeded. May run in a thread."""

    def build_state(
        self, record: EnvironmentRecord, compiled: CompiledFlagSet, now_ms: int, places: Places
    ) -> EnvironmentState:
        """Return the state of ``record``, whose flag set is ``compiled``."""


class Environments:
    """The current state of every environment.

    ``subscribers`` are told in order of each environment whose state was replaced, whoever committed it, and of each
    that was removed. `after_commit` in the control room makes their list.
    """

    def __init__(
        self,
        store: EnvironmentStorage,
        settings: Settings,
        *,
        compiler: Compiler,
        now_ms: Callable[[], int],
        outages: Outages,
    ) -> None:
        self.subscribers: tuple[CommitSubscriber, ...] = ()
        self.places = Places(read_places(settings.stream_urls) or {})
        self._store, self._settings = store, settings
        self._compiler, self._now_ms, self._outages = compiler, now_ms, outages
        self._states: dict[str, EnvironmentState] = {}
        self._is_loaded = False
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all environments, sorted."""
        return tuple(sorted(self._states))

    def get(self, name: str) -> EnvironmentState:
        """Return the current state; raise NotFound, or Unavailable before the first load."""
        try:
            return self._states[name]
        except KeyError:
            if not self._is_loaded:
                raise Unavailable("this origin is starting: no environment has been loaded yet", 1) from None
            raise NotFound(f"there is no environment {name}") from None

    def lock(self, name: str) -> asyncio.Lock:
        """Return the lock of this process for commits to the environment and for replacing its state."""
        return self._locks.setdefault(name, asyncio.Lock())

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Hold `lock` for a write; raise Unavailable instead of queueing for a database that is unavailable."""
        lock = self.lock(name)
        try:
            async with asyncio.timeout(self._settings.database_statement_seconds):
                await lock.acquire()
        except TimeoutError:
            raise Unavailable(f"writes to {name} wait for the database: try again") from None
        try:
            yield
        finally:
            lock.release()

    async def refresh(self, name: str) -> EnvironmentState:
        """Return the stored state; read it again if the cached one is older. Raises NotFound or Unavailable."""
        async with self.lock(name):
            await self._catch_up(name, await self._store.marks())
        return self.get(name)

    async def at_least(self, name: str, version: SnapshotVersion) -> EnvironmentState:
        """Return the state, read again if the cached one is older than ``version`` and the database is available."""
        state = self.get(name)
        if state.record.snapshot_version >= version:
            return state
        try:
            return await self.refresh(name)
        except Unavailable:
            return state

    async def refresh_all(self) -> None:
        """Reload every environment that another process has changed, created or removed."""
        marks = await self._store.marks()
        for name in {**marks, **self._states}:
            state = self._states.get(name)
            if state is None or state.record.marks != marks.get(name):
                with suppress(NotFound):
                    await self.refresh(name)
        self._is_loaded = True

    async def follow(self) -> None:
        """Keep following other origins on the same database until cancelled; report outages and their end."""
        while True:
            await asyncio.sleep(self._settings.refresh_seconds)
            try:
                await self.refresh_all()
            except Unavailable as error:
                self._outages.away(error)
            else:
                self._outages.back()

    def install(self, record: EnvironmentRecord, compiled: CompiledFlagSet) -> None:
        """Replace the environment's state and tell the subscribers; call it holding `lock`."""
        self._states[record.name] = self._compiler.build_state(record, compiled, self._now_ms(), self.places)
        self._tell_subscribers(record.name)

    def forget(self, name: str) -> None:
        """Drop a removed environment and tell the subscribers; call it holding `lock`."""
        if self._states.pop(name, None):
            self._tell_subscribers(name)

    def compile(self, record: EnvironmentRecord, flagset: FlagSet) -> CompiledFlagSet:
        """Return ``flagset`` compiled on top of the current state; raise LimitExceeded. May run in a thread."""
        state = self._states.get(record.name)
        if state and state.record.flagset is flagset:
            return state.compiled
        return self._compiler.compile(record.name, flagset, state.compiled if state else None)

    def _tell_subscribers(self, name: str) -> None:
        for subscriber in self.subscribers:
            subscriber.notify(name)

    async def _catch_up(self, name: str, marks: Mapping[str, object]) -> None:
        state = self._states.get(name)
        if name not in marks:
            self.forget(name)
            return
        if state and state.record.marks == marks.get(name):
            return
        with collection_paused():
            record = await self._store.load(name, state.record if state else None)
            compiled = await asyncio.to_thread(self.compile, record, record.flagset)
        self.install(record, compiled)
