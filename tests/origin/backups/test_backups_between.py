"""A backup of one kind of database, restored into the other."""

from pathlib import Path

import pytest

from tests.builders import a_flag
from tests.origin.a_publisher import ENVIRONMENT, an_authority
from tests.origin.backups.test_backups import backup_of, restored_into, told
from tests.origin.fake_kv import FakeKv

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("is_from_postgres", [True, False])
async def test_restore__other_kind_of_database__holds_the_same(
    on_postgres: Path, tmp_path_factory: pytest.TempPathFactory, is_from_postgres: bool
) -> None:
    folders = [on_postgres, tmp_path_factory.mktemp("sqlite")]
    source, target = folders if is_from_postgres else folders[::-1]
    async with an_authority(source, FakeKv()) as one:
        await one.commit(a_flag("checkout"))
        await one.commit(a_flag("checkout").on())
        path = await backup_of(one, tmp_path_factory.mktemp("file") / "it.backup")
        before, log = await one.store.load(ENVIRONMENT), await told(one.store)

    await restored_into(target, path)

    async with an_authority(target, FakeKv()) as other:
        after = await other.store.load(ENVIRONMENT)
        assert (after.flagset, after.keys) == (before.flagset, before.keys)
        assert await told(other.store) == [("restored", "environment", "2-2"), *log]
