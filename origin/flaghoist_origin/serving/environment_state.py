"""Environments in memory: compiled once per change, replaced as a whole, so that nobody sees half a change."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cached_property

from flaghoist.answers.serving_snapshot import ServingSnapshot, prepare
from flaghoist.engine.load import LoadedSnapshot, load
from flaghoist.errors import NotFound, Unavailable
from flaghoist.model.flags import FlagSet
from flaghoist.snapshot.manifest import KeyRef, Manifest, SigningKeyRef
from flaghoist.snapshot.pack import Packing, pack
from flaghoist.snapshot.sealing import Sealer
from flaghoist_origin.serving.bulk import collection_paused
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.settings.stream_places import Places, read_places
from flaghoist_origin.storage.database.records import EnvironmentRecord, KeyRecord
from flaghoist_origin.storage.environments.environments import EnvironmentStorage

OnCommit = Callable[[str], None]
OnFollow = Callable[[Unavailable | None], None]


@dataclass(frozen=True)
class Compiled:
    """A flag set as it is published and as it is evaluated here."""

    packing: Packing
    loaded: LoadedSnapshot


def compile_flagset(flagset: FlagSet, sealer: Sealer, previous: Compiled | None) -> Compiled:
    """Return the compiled form of a valid flag set; what ``previous`` shares with it is not compiled again."""
    packing = pack(flagset, sealer, previous.packing if previous else None)
    packed = packing.packed
    return Compiled(packing, load(packed.shards, packed.blobs, sealer, previous.loaded if previous else None))


@dataclass(frozen=True)
class EnvironmentState:
    """One committed state of an environment, ready to be published and to answer; ``held`` answers evaluations."""

    record: EnvironmentRecord
    compiled: Compiled
    held: ServingSnapshot
    ttl_seconds: int
    places: Places

    @property
    def packing(self) -> Packing:
        """Return what the publisher writes into KV."""
        return self.compiled.packing

    @cached_property
    def key_ids(self) -> Mapping[str, str]:
        """Return the id of each key, revoked ones too, by its hash."""
        return {key.hash: key.id for key in self.record.keys}

    def manifest(self, now_ms: int) -> Manifest:
        """Return the manifest of this state, confirmed at ``now_ms``; keys that have expired by then are left out."""
        return _manifest(self.record, self.compiled.packing, now_ms, self.ttl_seconds, self.places.advertised)


def build_state(
    record: EnvironmentRecord, compiled: Compiled, now_ms: int, ttl_seconds: int, places: Places
) -> EnvironmentState:
    """Return the state of ``record``, whose flag set is ``compiled``."""
    manifest = _manifest(record, compiled.packing, now_ms, ttl_seconds, dict(places.urls))
    return EnvironmentState(record, compiled, prepare(manifest, compiled.loaded), ttl_seconds, places)


def _manifest(
    record: EnvironmentRecord, packing: Packing, now_ms: int, ttl_seconds: int, streams: dict[str, str]
) -> Manifest:
    return Manifest(
        format=packing.packed.format,
        environment=record.name,
        epoch=record.epoch,
        version=record.version,
        committed_at_ms=record.committed_at_ms,
        confirmed_at_ms=now_ms,
        shards=packing.packed.shards,
        attributes=packing.packed.attributes,
        keys=tuple(ref for key in record.keys if key.is_valid(now_ms) and (ref := _key_ref(key))),
        signing_keys=tuple(
            SigningKeyRef(key.id, key.public_key, key.expires_at_ms)
            for key in record.signing_keys
            if key.is_valid(now_ms)
        ),
        requires_signed_context=record.requires_signed_contexts,
        ttl_seconds=ttl_seconds,
        streams=streams,
    )


def _key_ref(key: KeyRecord) -> KeyRef | None:
    return None if key.kind == "admin" else KeyRef(key.kind, key.hash, key.expires_at_ms)


class Environments:
    """The current state of every environment.

    ``on_commit`` callbacks hear the name of each that was replaced, and of each that was removed and is now unknown.
    ``on_follow`` callbacks hear of every look at the database what stood against it, None when nothing did.
    """

    def __init__(self, store: EnvironmentStorage, settings: Settings, now_ms: Callable[[], int]) -> None:
        self.on_commit: list[OnCommit] = []
        self.on_follow: list[OnFollow] = []
        self.places = Places(read_places(settings.stream_urls) or {})
        self._store = store
        self._settings = settings
        self._now_ms = now_ms
        self._states: dict[str, EnvironmentState] = {}
        self._is_loaded = False
        self._locks: dict[str, asyncio.Lock] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all environments, sorted."""
        return tuple(sorted(self._states))

    def get(self, name: str) -> EnvironmentState:
        """Return the current state; raise NotFound, or Unavailable while it is not known yet which there are."""
        try:
            return self._states[name]
        except KeyError:
            if not self._is_loaded:
                raise Unavailable("this origin is starting: no environment has been loaded yet", 1) from None
            raise NotFound(f"there is no environment {name}") from None

    def lock(self, name: str) -> asyncio.Lock:
        """Return the lock under which the environment is committed and its state replaced, in this process."""
        return self._locks.setdefault(name, asyncio.Lock())

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Hold `lock` for a write; raise Unavailable rather than wait behind others for a database that is away."""
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

    def sealer(self, name: str) -> Sealer:
        """Return what seals the environment's identifiers."""
        return Sealer(self._settings.secret.encode(), name)

    async def refresh(self, name: str) -> EnvironmentState:
        """Return the state as stored, read again if what is held is older."""
        async with self.lock(name):
            await self._catch_up(name, await self._store.marks())
        return self.get(name)

    async def refresh_all(self) -> None:
        """Catch up with every environment that somebody else has changed, created or removed."""
        marks = await self._store.marks()
        for name in {**marks, **self._states}:
            held = self._states.get(name)
            if held is None or held.record.marks != marks.get(name):
                with suppress(NotFound):
                    await self.refresh(name)
        self._is_loaded = True

    async def follow(self) -> None:
        """Catch up with other origins on the same database until cancelled."""
        while True:
            await asyncio.sleep(self._settings.refresh_seconds)
            fault = None
            try:
                await self.refresh_all()
            except Unavailable as error:
                fault = error
            for callback in self.on_follow:
                callback(fault)

    def install(self, record: EnvironmentRecord, compiled: Compiled) -> None:
        """Replace the environment's state; call it holding `lock`."""
        ttl_seconds = self._settings.ttl_seconds
        self._states[record.name] = build_state(record, compiled, self._now_ms(), ttl_seconds, self.places)
        for callback in self.on_commit:
            callback(record.name)

    def forget(self, name: str) -> None:
        """Hold an environment no longer, for it was removed; call it holding `lock`."""
        if self._states.pop(name, None):
            for callback in self.on_commit:
                callback(name)

    def compile(self, record: EnvironmentRecord, flagset: FlagSet) -> Compiled:
        """Return ``flagset`` compiled on top of what is held; may run in a thread."""
        held = self._states.get(record.name)
        if held and held.record.flagset is flagset:
            return held.compiled
        return compile_flagset(flagset, self.sealer(record.name), held.compiled if held else None)

    async def _catch_up(self, name: str, marks: Mapping[str, object]) -> None:
        held = self._states.get(name)
        if name not in marks:
            self.forget(name)
            return
        if held and held.record.marks == marks.get(name):
            return
        with collection_paused():
            record = await self._store.load(name, held.record if held else None)
            compiled = await asyncio.to_thread(self.compile, record, record.flagset)
        self.install(record, compiled)
