"""What a publish writes to KV: as little as possible, shards first, and never a raw identifier."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flaghoist.model.flags import SnapshotVersion
from tests.builders import a_clause, a_flag, a_flagset, a_segment
from tests.origin.a_publisher import AnAuthority, an_authority
from tests.origin.fake_kv import FakeKv

pytestmark = pytest.mark.anyio
MANY = 600


@pytest.fixture
async def first(anyio_backend: str, tmp_path: Path) -> AsyncIterator[AnAuthority]:
    """Start an origin over an empty KV."""
    async with an_authority(tmp_path, FakeKv()) as authority:
        yield authority


async def test_publish__new_environment__writes_a_manifest(first: AnAuthority) -> None:
    report = await first.environment_publisher.publish_now()

    assert (report.values_written, report.was) == (1, None)
    assert first.kv.manifest().snapshot_version == SnapshotVersion(1, 0)
    assert await first.store.pending("production") == ()


async def test_publish__one_flag_of_many_changed__writes_two_values(first: AnAuthority) -> None:
    await first.commit_all(a_flagset(*(a_flag(f"flag-{number}") for number in range(MANY))))
    before = await first.environment_publisher.publish_now()
    first.kv.forget_calls()

    version = await first.commit(a_flag("flag-7").on())
    report = await first.environment_publisher.publish_now()

    written = first.kv.written()
    assert len(written) == 2
    assert written[0].startswith("s:production:")
    assert written[1] == "m:production"
    assert (report.values_written, report.shards_written, report.shards) == (2, 1, before.shards)
    assert report.bytes == sum(len(first.kv.values[key]) for key in written)
    assert first.kv.manifest().snapshot_version == version


async def test_publish__change__read_before_written_and_manifest_last(first: AnAuthority) -> None:
    await first.commit(a_flag("checkout"))

    await first.environment_publisher.publish_due()

    assert [call.method for call in first.kv.calls] == ["get", "put_many", "put"]


async def test_publish__nothing_changed__writes_the_manifest_alone(first: AnAuthority) -> None:
    await first.commit(a_flag("checkout"))
    await first.environment_publisher.publish_now()
    first.kv.forget_calls()
    first.clock.advance(5)

    await first.environment_publisher.publish_now()

    assert first.kv.written() == ["m:production"]
    assert first.kv.manifest().confirmed_at_ms == first.clock.now_ms()


async def test_publish__lists_and_clauses_of_identifiers__no_value_holds_one(first: AnAuthority) -> None:
    secrets = ("raw-target-ada", "raw-included-bob", "raw-excluded-eve", "raw-clause-joe")
    target, included, excluded, in_clause = secrets
    segment = a_segment("staff").including(included).excluding(excluded)
    flag = a_flag("checkout").on().target("on", target)
    flag = flag.rule("joe", a_clause("targetingKey", "in", in_clause), serve="on")
    flag = flag.rule("staff", a_clause("", "in_segment", "staff"), serve="on")
    await first.commit_all(a_flagset(flag, segment))

    await first.environment_publisher.publish_now()

    stored = b"\n".join(first.kv.values.values())
    assert b"checkout" in stored
    assert [name for name in secrets if name.encode() in stored] == []


async def test_publish__commit_while_writing__published_in_the_next_round(first: AnAuthority) -> None:
    await first.commit(a_flag("checkout"))
    first.kv.fault("stall", "put")
    publishing = asyncio.create_task(first.environment_publisher.publish_now())
    await first.kv.stalled.wait()
    latest = await first.commit(a_flag("checkout").on())
    first.kv.heal()
    first.kv.released.set()
    report = await publishing

    assert report.version == SnapshotVersion(1, 1)
    assert [row.version for row in await first.store.pending("production")] == [2]
    await first.environment_publisher.publish_due()
    assert first.kv.manifest().snapshot_version == latest
    assert await first.store.pending("production") == ()


async def test_publish__shard_lost_from_kv__written_again_on_demand(first: AnAuthority) -> None:
    await first.commit(a_flag("checkout"))
    await first.environment_publisher.publish_now()
    (lost,) = (key for key in first.kv.values if key.startswith("s:"))
    del first.kv.values[lost]

    report = await first.environment_publisher.publish_now()

    assert report.keys == (lost, "m:production")
    assert first.kv.missing_shards() == set()


async def test_publish__shard_outside_the_manifest_in_kv__written_again(first: AnAuthority) -> None:
    await first.commit(a_flag("checkout"))
    await first.environment_publisher.publish_now()
    (original,) = (key for key in first.kv.values if key.startswith("s:"))
    await first.commit(a_flag("checkout").on())
    await first.environment_publisher.publish_now()
    del first.kv.values[original]

    await first.commit(a_flag("other"))
    await first.environment_publisher.publish_now()

    assert first.kv.missing_shards() == set()


async def test_publish__unreadable_manifest__replaced(first: AnAuthority) -> None:
    await first.commit(a_flag("checkout"))
    first.fall_back_to_kv(b"\x00 not JSON")

    await first.environment_publisher.publish_now()

    assert first.kv.manifest().version == 1
    assert first.kv.missing_shards() == set()


async def test_publish__newer_format_in_kv__left_alone(first: AnAuthority) -> None:
    newer = b'{"format": 99}'
    first.fall_back_to_kv(newer)
    first.kv.allowed = frozenset({"get"})

    await first.environment_publisher.publish_due()

    assert first.kv.values["m:production"] == newer
    assert first.environment_publisher.state.phase == "refused"


async def test_publish__written__says_so_in_one_line(first: AnAuthority, caplog: pytest.LogCaptureFixture) -> None:
    await first.commit(a_flag("checkout"))

    with caplog.at_level("INFO", logger="flaghoist.publisher"):
        report = await first.environment_publisher.publish_now()

    (record,) = [record for record in caplog.records if record.message.startswith("published")]
    assert record.message == f"published production 1-1: wrote 2 values, {report.bytes:,} bytes, 1 of 1 shard"
