"""The whole way: the publisher and the official SDK against the local edge's KV API, with faults on the line."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from flaghoist.model.flags import SnapshotVersion
from flaghoist.snapshot.manifest import Manifest, decode_manifest, manifest_key
from flaghoist_cli.local.edge_runtime import EdgeSettings, LocalEdge, build_bundle
from flaghoist_origin.control.edits import Place, put
from flaghoist_origin.control.preconditions import Preconditions, Tags
from flaghoist_origin.control.replacement import replace_all
from flaghoist_origin.control.writes import Writer
from flaghoist_origin.kv.client import CloudflareKv
from flaghoist_origin.publishing.publisher import Publisher
from flaghoist_origin.publishing.state import Phase
from flaghoist_origin.runtime.clock import SystemClock
from flaghoist_origin.serving.environments import Environments
from flaghoist_origin.settings.settings import Settings
from flaghoist_origin.storage.database.records import SYSTEM
from flaghoist_origin.storage.store import Store
from tests.builders import FlagBuilder, a_flag, a_flagset
from tests.origin.a_publisher import environments_of
from tests.origin.an_origin import SECRET
from tests.origin.subscribers import tell_after_commit


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose database is SQLite: this is about KV."""
    return tmp_path_factory.mktemp("sqlite")


pytestmark = pytest.mark.e2e
PATIENCE_SECONDS = 20
OVERWRITE = Preconditions(if_match=Tags(is_any=True))
MANY = 600
BRISK = {"heartbeat_seconds": 1.0, "publish_interval_seconds": 0.2}
SHORT_LEASE = {"lease_seconds": 3.0, "kv_write_timeout_seconds": 2.0}
"""Of a process that was cut off in a write the lease has to run out; of a stalled KV the deadline."""


@dataclass(frozen=True)
class Process:
    """An origin process without its HTTP side, publishing one environment."""

    environment: str
    store: Store
    environments: Environments
    publisher: Publisher
    kv: CloudflareKv

    async def put(self, flag: FlagBuilder) -> SnapshotVersion:
        """Commit one flag that exists."""
        entity = flag.build()
        written = await Writer(self.store, self.environments).commit_edit(
            self.environment, lambda record: put(record, Place("flags", entity.key), entity, OVERWRITE), SYSTEM
        )
        return written.record.snapshot_version

    async def put_all(self, *flags: FlagBuilder) -> SnapshotVersion:
        """Replace all flags."""
        written = await Writer(self.store, self.environments).commit_edit(
            self.environment, lambda record: replace_all(record, a_flagset(*flags), OVERWRITE), SYSTEM
        )
        return written.record.snapshot_version

    async def manifest(self) -> Manifest | None:
        """Return the manifest in KV."""
        data = await self.kv.get(manifest_key(self.environment))
        return decode_manifest(data) if data else None

    async def until(self, is_reached: Callable[[Manifest], bool]) -> Manifest:
        """Wait until the manifest in KV is as wanted."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (found := await self.manifest()) is None or not is_reached(found):
                await asyncio.sleep(0.05)
        return found

    async def until_version(self, version: SnapshotVersion) -> Manifest:
        """Wait until KV holds ``version``."""
        return await self.until(lambda manifest: manifest.snapshot_version == version)


@dataclass(frozen=True)
class Line:
    """The running KV, and a loop on which everything here runs."""

    edge: LocalEdge
    runner: asyncio.Runner

    def run(self, story: Coroutine[None, None, None]) -> None:
        """Run a test's story with KV in order before and after."""
        try:
            self.runner.run(story)
        finally:
            self.runner.run(self.edge.set_faults(rest="ok"))

    def settings(self, folder: Path, **timing: float) -> Settings:
        """Return settings that publish here, with other times where given."""
        place = {"kv_base_url": self.edge.kv_base_url, "kv_account": self.edge.account}
        access = {"kv_namespace": self.edge.namespace, "kv_token": self.edge.token}
        return msgspec.convert(
            {"data_dir": str(folder), "secret": SECRET, **place, **access, **BRISK, **timing}, Settings
        )

    async def keys_written(self, environment: str) -> list[str]:
        """Return the keys of all values of an environment that were written lately, in order."""
        writes = (await self.edge.stats())["writes"]
        return [write["key"] for write in writes if write["key"].split(":")[1] == environment]

    @asynccontextmanager
    async def process(self, folder: Path, environment: str, **timing: float) -> AsyncIterator[Process]:
        """Start an origin process."""
        settings, clock = self.settings(folder, **timing), SystemClock()
        store, kv = Store(settings.url, clock), CloudflareKv(settings)
        try:
            await store.migrate()
            await store.create_environment(environment)
            environments = environments_of(store, settings, clock)
            await environments.refresh_all()
            publisher = Publisher(store, environments, kv, settings, clock)
            tell_after_commit(environments, publisher.request_publish)
            yield Process(environment, store, environments, publisher, kv)
        finally:
            await kv.aclose()
            await store.close()

    @asynccontextmanager
    async def publishing(self, folder: Path, environment: str, **timing: float) -> AsyncIterator[Process]:
        """Start an origin process and its publisher; at the end the publisher is cut off wherever it is."""
        async with self.process(folder, environment, **timing) as process:
            running = asyncio.create_task(process.publisher.run())
            try:
                yield process
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running


@pytest.fixture(scope="module")
def line(processes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Start the local edge for all tests here."""
    build_bundle()
    edge = LocalEdge(EdgeSettings(secret=SECRET, persist=tmp_path_factory.mktemp("kv")), output=io.StringIO())
    with asyncio.Runner() as runner:
        runner.run(edge.start())
        try:
            yield Line(edge, runner)
        finally:
            runner.run(edge.stop())


def test_change_of_one_flag__of_many__writes_two_values(line: Line, tmp_path: Path) -> None:
    async def story() -> None:
        async with line.process(tmp_path, "two-values") as origin:
            await origin.put_all(*(a_flag(f"flag-{number}") for number in range(MANY)))
            first = await origin.publisher.publish_now("two-values")
            version = await origin.put(a_flag("flag-7").on())
            written = (await line.edge.stats())["values_written"]

            report = await origin.publisher.publish_now("two-values")

            assert (await line.edge.stats())["values_written"] - written == report.values_written == 2
            shard, manifest = (await line.keys_written("two-values"))[-2:]
            assert shard.startswith("s:two-values:")
            assert manifest == "m:two-values"
            found = await origin.manifest()
            assert found is not None
            assert found.snapshot_version == version
            assert first.shards_written == len(found.shards)
            for ref in found.shards:
                assert await origin.kv.get(f"s:two-values:{ref.hash}") == _blob(origin, ref.hash)

    line.run(story())


def _blob(origin: Process, name: str) -> bytes:
    return origin.environments.get(origin.environment).packing.packed.blobs[name]


def test_commit__stalled_kv_then_killed__restarted_process_publishes(line: Line, tmp_path: Path) -> None:
    async def story() -> None:
        async with line.publishing(tmp_path, "killed", **SHORT_LEASE) as origin:
            before = await origin.put_all(a_flag("checkout"))
            await origin.until_version(before)
            await line.edge.set_faults(rest="stall")
            latest = await origin.put(a_flag("checkout").on())
            await asyncio.sleep(0.3)
        await line.edge.set_faults(rest="ok")

        async with line.publishing(tmp_path, "killed", **SHORT_LEASE) as origin:
            assert await origin.store.pending("killed")
            await origin.until_version(latest)

    line.run(story())


@pytest.mark.parametrize("fault", ["stall", "fail", "429"])
def test_kv_away__commits_meanwhile__last_one_arrives_afterwards(line: Line, tmp_path: Path, fault: str) -> None:
    environment = f"away-{fault}"

    async def story() -> None:
        async with line.publishing(tmp_path, environment, **SHORT_LEASE) as origin:
            await origin.until_version(await origin.put_all(a_flag("checkout")))
            await line.edge.set_faults(rest=fault)  # type: ignore[arg-type]  # one of its literals
            for is_on in (True, False, True):
                latest = await origin.put(a_flag("checkout").on(is_on))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while origin.publisher.states[environment].phase is not Phase.FAILING:
                    await asyncio.sleep(0.05)
            await line.edge.set_faults(rest="ok")

            await origin.until_version(latest)

    line.run(story())


def test_write_accepted_and_lost__repaired_by_the_heartbeat(line: Line, tmp_path: Path) -> None:
    async def story() -> None:
        async with line.publishing(tmp_path, "lost") as origin:
            await origin.until_version(await origin.put_all(a_flag("checkout")))
            await line.edge.set_faults(rest="lose")
            latest = await origin.put(a_flag("checkout").on())
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await origin.store.published("lost") != latest:
                    await asyncio.sleep(0.05)
            await line.edge.set_faults(rest="ok")

            repaired = await origin.until_version(latest)

            for ref in repaired.shards:
                assert await origin.kv.get(f"s:lost:{ref.hash}") is not None

    line.run(story())


def test_commits_under_load__coalesced_and_the_last_wins(line: Line, tmp_path: Path) -> None:
    async def story() -> None:
        async with line.publishing(tmp_path, "load") as origin:
            await origin.until_version(await origin.put_all(a_flag("checkout")))
            before = (await line.keys_written("load")).count("m:load")
            for number in range(50):
                latest = await origin.put(a_flag("checkout").on(number % 2 == 0))

            async with asyncio.timeout(PATIENCE_SECONDS):
                while await origin.store.pending("load"):
                    await asyncio.sleep(0.05)

            await origin.until_version(latest)
            assert (await line.keys_written("load")).count("m:load") - before < 25

    line.run(story())


def test_heartbeat__nothing_changes__confirmed_again_and_again(line: Line, tmp_path: Path) -> None:
    async def story() -> None:
        async with line.publishing(tmp_path, "quiet") as origin:
            first = await origin.until_version(await origin.put_all(a_flag("checkout")))

            later = await origin.until(lambda manifest: manifest.confirmed_at_ms > first.confirmed_at_ms + 1_500)

            assert later.snapshot_version == first.snapshot_version
            assert (await line.keys_written("quiet"))[-1] == "m:quiet"

    line.run(story())
