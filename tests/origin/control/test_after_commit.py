"""What follows a commit: one list, in order, told of writes here and elsewhere, of keys and of removals."""

from pathlib import Path

import pytest

from flaghoist_origin.control.after_commit import after_commit
from tests.origin.an_origin import AnOrigin, Prepared, a_document, an_origin
from tests.origin.fake_kv import FakeKv
from tests.origin.subscribers import tell_after_commit

pytestmark = pytest.mark.anyio


def ignore(_: str) -> None:
    """Do nothing."""


def test_after_commit__all_parts__in_order_and_each_says_what_it_does() -> None:
    subscribers = after_commit(publish=ignore, withdraw=ignore, stream=ignore, announce=ignore)

    assert [subscriber.name for subscriber in subscribers] == ["publish", "withdraw", "stream", "announce"]
    assert all(subscriber.does for subscriber in subscribers)


def test_after_commit__parts_left_out__are_not_told() -> None:
    subscribers = after_commit(publish=None, withdraw=None, stream=ignore, announce=None)

    assert [subscriber.name for subscriber in subscribers] == ["stream"]


async def test_origin__with_kv__tells_publisher_withdrawals_and_streams(prepared: Prepared, tmp_path: Path) -> None:
    async with an_origin(tmp_path, FakeKv(), prepared) as origin:
        names = [subscriber.name for subscriber in origin.services.environments.subscribers]

    assert names[:3] == ["publish", "withdraw", "stream"]


async def test_write__committed__subscribers_know_the_new_version_before_it_is_answered(origin: AnOrigin) -> None:
    environments = origin.services.environments
    versions: list[int] = []
    tell_after_commit(environments, lambda name: versions.append(environments.get(name).record.version))

    response = await origin.put("/flags/a", a_document())

    assert (response.status_code, versions) == (201, [1])


async def test_write__that_changes_nothing__nobody_is_told(origin: AnOrigin) -> None:
    await origin.put("/flags/a", a_document())
    told: list[str] = []
    tell_after_commit(origin.services.environments, told.append)

    await origin.put("/flags/a", a_document(), if_match="*")

    assert told == []
