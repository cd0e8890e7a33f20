"""Backup and restore: everything comes back, above whatever is published; nothing is written over unasked."""

import gzip
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from flaghoist.errors import Conflict, InputError
from flaghoist.model.flags import SnapshotVersion
from flaghoist_origin.backups.document import LEFT_OUT, TABLES, read_header
from flaghoist_origin.backups.making import back_up
from flaghoist_origin.backups.restoring import Restore, Restored, restore
from flaghoist_origin.control.administration import Administration
from flaghoist_origin.keys import signing_keys
from flaghoist_origin.keys.keys import issue, revoke
from flaghoist_origin.publishing.state import Phase
from flaghoist_origin.storage.database.database import Database
from flaghoist_origin.storage.database.records import SYSTEM
from flaghoist_origin.storage.database.tables import METADATA
from flaghoist_origin.storage.store import Store
from tests.builders import a_flag, a_segment
from tests.origin.a_publisher import ENVIRONMENT, AnAuthority, an_authority
from tests.origin.an_origin import StandingClock, settings_in
from tests.origin.databases import make_database
from tests.origin.fake_kv import FakeKv

pytestmark = pytest.mark.anyio


@pytest.fixture
async def live(anyio_backend: str, tmp_path: Path) -> AsyncIterator[AnAuthority]:
    """Start an origin with flags, a key and two more environments, of which one was removed."""
    async with an_authority(tmp_path / "live", FakeKv()) as authority:
        await issue(authority.store, ENVIRONMENT, "server", "backend")
        await signing_keys.issue(authority.store, ENVIRONMENT, "shop")
        await signing_keys.require(authority.store, ENVIRONMENT, True, SYSTEM)
        administration = Administration(authority.store, authority.environments, authority.clock.now_ms)
        await administration.create("staging", SYSTEM)
        await administration.create("gone", SYSTEM)
        await administration.remove("gone", SYSTEM)
        await authority.commit(a_segment("staff").including("sam"))
        await authority.commit(a_flag("checkout"))
        await authority.commit(a_flag("checkout").on())
        await authority.environment_publisher.publish_due()
        yield authority


async def backup_of(authority: AnAuthority, path: Path) -> Path:
    database = Database(authority.store._url)
    try:
        await back_up(database, path, authority.clock.now_ms())
    finally:
        await database.close()
    return path


async def restored_into(folder: Path, path: Path, **how: Any) -> tuple[Restored, ...]:
    await make_database(folder)
    store = Store(settings_in(folder).url, StandingClock())
    await store.migrate()
    try:
        return await restore(store._database, Restore(path, **how), StandingClock().now_ms())
    finally:
        await store.close()


async def told(store: Store, environment: str = ENVIRONMENT) -> list[tuple[str, str, str]]:
    entries = (await store.audit(environment, limit=1000)).entries
    return [(entry.action, entry.target, f"{entry.epoch}-{entry.version}") for entry in entries]


def test_backup__every_table__is_in_it_or_left_out_for_a_reason() -> None:
    assert {table.name for table in TABLES} | set(LEFT_OUT) == set(METADATA.tables)


async def test_restore__empty_database__holds_all_that_the_backup_does(live: AnAuthority, tmp_path: Path) -> None:
    path = await backup_of(live, tmp_path / "it.backup")
    before, log = await live.store.load(ENVIRONMENT), await told(live.store)

    restored = await restored_into(tmp_path / "new", path)

    assert [(one.environment, one.was, one.version, one.is_removed) for one in restored] == [
        ("gone", "1-1", "2-1", True),
        (ENVIRONMENT, "1-3", "2-3", False),
        ("staging", "1-0", "2-0", False),
    ]
    async with an_authority(tmp_path / "new", FakeKv()) as new:
        after = await new.store.load(ENVIRONMENT)
        assert (after.flagset, after.keys, after.retired) == (before.flagset, before.keys, before.retired)
        assert after.signing_keys == before.signing_keys
        assert after.signed_only_since_ms == before.signed_only_since_ms == live.clock.now_ms()
        assert after.snapshot_version == SnapshotVersion(2, 3)
        assert await told(new.store) == [("restored", "environment", "2-3"), *log]
        assert new.environments.names == (ENVIRONMENT, "staging")
        assert await new.commit(a_flag("checkout")) == SnapshotVersion(2, 4)
        assert (await new.store.flagset_at(ENVIRONMENT, SnapshotVersion(1, 2))).flags["checkout"].on is False


async def test_restore__version_lower_than_kvs__published_all_the_same(live: AnAuthority, tmp_path: Path) -> None:
    path = await backup_of(live, tmp_path / "it.backup")
    for number in range(5):
        await live.commit(a_flag(f"later-{number}"))
    await live.environment_publisher.publish_due()
    live.clock.advance(60)
    assert live.kv.manifest().snapshot_version == SnapshotVersion(1, 8)

    await restored_into(tmp_path / "new", path)
    async with an_authority(tmp_path / "new", live.kv, live.clock) as new:
        await new.environment_publisher.publish_due()

        assert new.publishing() is Phase.PUBLISHED
        assert new.kv.manifest().snapshot_version == SnapshotVersion(2, 3)
        assert new.kv.missing_shards() == set()


async def test_restore__kv_ahead_and_not_asked__refused_until_recovered(live: AnAuthority, tmp_path: Path) -> None:
    path = await backup_of(live, tmp_path / "it.backup")
    await live.store.raise_epoch(ENVIRONMENT, 5)
    await live.environment_publisher.publish_due()
    live.clock.advance(60)

    await restored_into(tmp_path / "new", path)
    async with an_authority(tmp_path / "new", live.kv, live.clock) as new:
        await new.environment_publisher.publish_due()
        assert new.publishing() is Phase.REFUSED
        assert "flaghoist recover" in new.environment_publisher.state.detail

        await new.environment_publisher.recover()

        assert new.kv.manifest().snapshot_version == SnapshotVersion(6, 4)


async def test_restore__kv_asked__above_it_at_once(live: AnAuthority, tmp_path: Path) -> None:
    path = await backup_of(live, tmp_path / "it.backup")

    restored = await restored_into(tmp_path / "new", path, kv_epochs={ENVIRONMENT: 5})

    assert [one.version for one in restored] == ["2-1", "6-3", "2-0"]


async def test_restore__database_in_use__refused_and_unchanged(live: AnAuthority, tmp_path: Path) -> None:
    path = await backup_of(live, tmp_path / "it.backup")
    before = await live.store.marks()

    with pytest.raises(Conflict, match="--replace"):
        await restored_into(tmp_path / "live", path)

    assert await live.store.marks() == before


async def test_restore__replacing__a_change_like_any_other(live: AnAuthority, tmp_path: Path) -> None:
    path = await backup_of(live, tmp_path / "it.backup")
    wanted = (await live.store.load(ENVIRONMENT)).flagset
    leaked = (await live.store.load(ENVIRONMENT)).keys[0]
    await revoke(live.store, ENVIRONMENT, leaked.id, SYSTEM)
    new_key = await issue(live.store, ENVIRONMENT, "server", "since")
    (lost,) = (await live.store.load(ENVIRONMENT)).signing_keys
    successor = await signing_keys.issue(live.store, ENVIRONMENT, "shop")
    await signing_keys.revoke(live.store, ENVIRONMENT, lost.id, SYSTEM)
    await live.commit(a_flag("checkout"))
    await live.commit(a_flag("later"))
    log = await told(live.store)

    await restored_into(tmp_path / "live", path, replaces=True)
    await live.environments.refresh_all()

    record = live.environments.get(ENVIRONMENT).record
    assert record.snapshot_version == SnapshotVersion(2, 3)
    assert set(record.flagset.flags) == set(wanted.flags)
    assert (record.flagset.flags["checkout"].on, record.flagset.flags["checkout"].version) == (True, 4)
    assert {key.id: key.revoked_at_ms is None for key in record.keys} == {leaked.id: False, new_key.record.id: True}
    signing = {key.id: key.revoked_at_ms is None for key in record.signing_keys}
    assert signing == {lost.id: False, successor.record.id: True}
    assert (await told(live.store))[-len(log) :] == log
    assert live.environments.names == (ENVIRONMENT, "staging")
    assert "later" in (await live.store.flagset_at(ENVIRONMENT, SnapshotVersion(1, 5))).flags


async def test_restore__origin_started_empty_first__audit_log_comes_along(live: AnAuthority, tmp_path: Path) -> None:
    path = await backup_of(live, tmp_path / "it.backup")
    async with an_authority(tmp_path / "new", FakeKv()) as new:
        await restored_into(tmp_path / "new", path)
        await new.environments.refresh_all()

        assert ("updated", "flags/checkout", "1-3") in await told(new.store)
        assert new.environments.get(ENVIRONMENT).record.flagset.flags["checkout"].on


@pytest.mark.parametrize("lines", [slice(0, -1), slice(0, 3), slice(1, None), slice(0, 0)])
async def test_restore__part_of_a_file__refused(live: AnAuthority, tmp_path: Path, lines: slice) -> None:
    path = await backup_of(live, tmp_path / "it.backup")
    whole = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(whole[lines])))

    with pytest.raises(InputError, match=r"it\.backup"):
        await restored_into(tmp_path / "new", path)


@pytest.mark.parametrize("change", [lambda data: data.replace(b'"backend"', b'"BACKEND"'), lambda data: data + b"{}\n"])
async def test_restore__changed_file__refused(live: AnAuthority, tmp_path: Path, change: Any) -> None:
    path = await backup_of(live, tmp_path / "it.backup")
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))

    with pytest.raises(InputError):
        await restored_into(tmp_path / "new", path)


@pytest.mark.parametrize("data", [b"", b"no gzip", gzip.compress(b"{}", mtime=0)[:-3]])
def test_read_header__no_backup__refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "it.backup").write_bytes(data)

    with pytest.raises(InputError):
        read_header(tmp_path / "it.backup")


def test_read_header__newer_format__says_what_helps(tmp_path: Path) -> None:
    header = b'{"format":2,"created_at_ms":1,"environments":[]}\n{"rows":0,"sha256":""}\n'
    (tmp_path / "it.backup").write_bytes(gzip.compress(header))

    with pytest.raises(InputError, match="restore it with the newer one"):
        read_header(tmp_path / "it.backup")


async def test_backup__file__private_whole_and_never_overwritten(live: AnAuthority, tmp_path: Path) -> None:
    path = await backup_of(live, tmp_path / "it.backup")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.glob("*backup*")] == ["it.backup"]
    with pytest.raises(Conflict, match="exists already"):
        await backup_of(live, path)


@pytest.mark.parametrize("table", ["documents", "api_keys", "audit", "outbox"])
async def test_restore__crash_at_any_table__leaves_nothing(live: AnAuthority, tmp_path: Path, table: str) -> None:
    path = await backup_of(live, tmp_path / "it.backup")
    await make_database(tmp_path / "new")
    store = Store(settings_in(tmp_path / "new").url, StandingClock())
    await store.migrate()

    def crash(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith(f"INSERT INTO {table}"):
            raise RuntimeError("the process dies here")

    event.listen(store._database.engine.sync_engine, "before_cursor_execute", crash)
    with pytest.raises(RuntimeError):
        await restore(store._database, Restore(path), 1)

    assert await store.environments() == ()
    await store.close()
