"""Publishing under test: a real store and real packing over a fake KV and a clock that stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from flaghoist.backoff import Backoff
from flaghoist.model.flags import FlagSet, SnapshotVersion
from flaghoist_origin.control.edits import Place, put
from flaghoist_origin.control.preconditions import Preconditions, Tags
from flaghoist_origin.control.replacement import replace_all
from flaghoist_origin.control.writes import Writer
from flaghoist_origin.observability.outages import Outages
from flaghoist_origin.publishing.environment_publisher import EnvironmentPublisher
from flaghoist_origin.publishing.lease import Lease
from flaghoist_origin.publishing.publisher import Publisher
from flaghoist_origin.publishing.schedule import Schedule
from flaghoist_origin.publishing.snapshot_writer import SnapshotWriter
from flaghoist_origin.publishing.state import Phase
from flaghoist_origin.runtime.clock import Clock
from flaghoist_origin.serving.compiling import FlagSetCompiler
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.database.records import SYSTEM
from flaghoist_origin.storage.store import Store
from tests.builders import FlagBuilder, SegmentBuilder
from tests.origin.an_origin import StandingClock, settings_in, store_in
from tests.origin.databases import make_database
from tests.origin.fake_kv import FakeKv
from tests.origin.subscribers import tell_after_commit

ENVIRONMENT = "production"
HEARTBEAT_MS = 30_000
NO_JITTER = Backoff(base_seconds=1.0, cap_seconds=8.0, draw=lambda: 1.0)
ANY_STATE = Preconditions(if_match=Tags(is_any=True))
NEW = Preconditions()


@dataclass
class AnAuthority:
    """One origin process without its HTTP side: store, environments, writer and publisher, sharing a KV with others."""

    store: Store
    environments: Environments
    kv: FakeKv
    clock: StandingClock
    settings: Settings
    holder: str
    environment_publisher: EnvironmentPublisher = field(init=False)

    def __post_init__(self) -> None:
        self.environment_publisher = self.an_environment_publisher()
        tell_after_commit(self.environments, lambda _: self.environment_publisher.request_publish())

    def an_environment_publisher(self) -> EnvironmentPublisher:
        """Return the publisher of the environment as a process has it that has just started."""
        lease = Lease(self.store, self.clock, holder=self.holder, duration_seconds=self.settings.lease_seconds)
        writer = SnapshotWriter(
            ENVIRONMENT,
            store=self.store,
            environments=self.environments,
            kv=self.kv,
            lease=lease,
            clock=self.clock,
            write_timeout_seconds=self.settings.kv_write_timeout_seconds,
        )
        schedule = Schedule(interval_ms=2_000, heartbeat_ms=HEARTBEAT_MS, backoff=NO_JITTER, now_ms=self.clock.now_ms())
        return EnvironmentPublisher(writer, lease, schedule, self.clock, fresh_ms=HEARTBEAT_MS)

    def publishing(self) -> Phase:
        """Return how publishing is going."""
        return self.environment_publisher.state.phase

    def publisher(self) -> Publisher:
        """Return a publisher over everything here."""
        return Publisher(self.store, self.environments, self.kv, self.settings, self.clock, backoff=NO_JITTER)

    async def commit(self, builder: FlagBuilder | SegmentBuilder) -> SnapshotVersion:
        """Create or overwrite one flag or segment."""
        entity = builder.build()
        place = Place("flags" if isinstance(builder, FlagBuilder) else "segments", entity.key)
        is_new = entity.key not in getattr(self.environments.get(ENVIRONMENT).record.flagset, place.collection)
        conditions = NEW if is_new else ANY_STATE
        written = await Writer(self.store, self.environments).commit_edit(
            ENVIRONMENT, lambda record: put(record, place, entity, conditions), SYSTEM
        )
        return written.record.snapshot_version

    async def commit_all(self, flagset: FlagSet) -> SnapshotVersion:
        """Replace the whole flag set."""
        written = await Writer(self.store, self.environments).commit_edit(
            ENVIRONMENT, lambda record: replace_all(record, flagset, ANY_STATE), SYSTEM
        )
        return written.record.snapshot_version

    def fall_back_to_kv(self, data: bytes) -> None:
        """Let KV hold an earlier manifest again, as when a late write overtakes."""
        self.kv.values[f"m:{ENVIRONMENT}"] = data


def environments_of(store: Store, settings: Settings, clock: Clock) -> Environments:
    """Return the environments of a process, not loaded yet."""
    compiler = FlagSetCompiler(settings.secret, settings.ttl_seconds)
    return Environments(store, settings, compiler=compiler, now_ms=clock.now_ms, outages=Outages(clock.now_ms))


@asynccontextmanager
async def an_authority(
    folder: Path, kv: FakeKv, clock: StandingClock | None = None, holder: str = "first", **settings: float
) -> AsyncIterator[AnAuthority]:
    """Start an origin process whose database is in ``folder``."""
    clock = clock or StandingClock()
    chosen = msgspec.structs.replace(settings_in(folder), **settings)
    await make_database(folder)
    store = store_in(folder, clock)
    try:
        await store.migrate()
        await store.create_environment(ENVIRONMENT)
        environments = environments_of(store, chosen, clock)
        await environments.refresh_all()
        yield AnAuthority(store, environments, kv, clock, chosen, holder)
    finally:
        await store.close()
