"""The intake: bounded, one transaction for those who come together, and no acknowledgement without a commit."""

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import pytest

from flaghoist.errors import TooManyRequests, Unavailable
from flaghoist_origin.exposures import intake as intake_module
from flaghoist_origin.exposures.intake import AT_ONCE_MOST, Intake, IntakeResult
from flaghoist_origin.exposures.retention import EventRetention
from flaghoist_origin.storage.database.outages import OutcomeUnknown
from flaghoist_origin.storage.environments.events import EventKey, EventRow, key_of
from flaghoist_origin.storage.store import Store
from tests.origin.an_origin import SECRET, START_MS, AnOrigin, StandingClock
from tests.origin.events_reported import a_purchase, an_exposure, counted, report

pytestmark = pytest.mark.anyio
DAY_MS = 24 * 3_600_000


class SlowStore(Store):
    """A store whose commits wait until they are let go; ``commits`` are the ids that each brought."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.entered = asyncio.Event()
        self.commits: list[list[str]] = []
        self.error: BaseException | None = None

    async def add_events(self, rows: Sequence[EventRow]) -> AbstractSet[EventKey]:
        self.commits.append(sorted(row.id for row in rows))
        self.entered.set()
        await self.go_on.wait()
        if self.error is not None:
            raise self.error
        return {key_of(row) for row in rows}


@pytest.fixture
def store(anyio_backend: str) -> SlowStore:
    """Return a store that is stuck at first."""
    return SlowStore()


@pytest.fixture
def intake(store: SlowStore) -> Intake:
    """Return an intake into that store."""
    return Intake(store, SECRET, StandingClock())


async def start(intake: Intake, store: SlowStore, *ids: str) -> list[asyncio.Task[IntakeResult]]:
    """Begin to take one event after the other; return once the first is being committed and the others wait."""
    tasks = [asyncio.create_task(intake.take("production", [an_exposure(each)])) for each in ids]
    await store.entered.wait()
    return tasks


async def test_take__while_one_commits__the_others_share_the_next_transaction(intake: Intake, store: SlowStore) -> None:
    tasks = await start(intake, store, "a", "b", "c", "b")
    assert intake.waiting == 3
    store.go_on.set()

    assert await asyncio.gather(*tasks) == [*[IntakeResult(1, 0)] * 3, IntakeResult(0, 1)]
    assert store.commits == [["a"], ["b", "c"]]
    assert intake.waiting == 0


async def test_take__transaction__holds_no_more_than_it_should(intake: Intake, store: SlowStore) -> None:
    first = await start(intake, store, "a")
    many = [[an_exposure(f"{batch}-{number}") for number in range(1_000)] for batch in range(7)]
    tasks = [asyncio.create_task(intake.take("production", batch)) for batch in many]
    await asyncio.sleep(0)
    store.go_on.set()
    await asyncio.gather(*first, *tasks)

    assert [len(commit) for commit in store.commits] == [1, AT_ONCE_MOST, 2_000]


@pytest.mark.parametrize("error", [Unavailable("away"), OutcomeUnknown("lost")])
async def test_take__commit_fails__nobody_is_told_that_it_did_not(
    intake: Intake, store: SlowStore, error: Unavailable
) -> None:
    tasks = await start(intake, store, "a", "b", "c")
    store.error = error
    store.go_on.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(result) for result in results] == [Unavailable] * 3
    assert "If-Match" not in str(results[0])
    store.error = None
    assert await intake.take("production", [an_exposure("a")]) == IntakeResult(1, 0)


async def test_take__caller_gone_while_it_commits__the_others_are_committed(intake: Intake, store: SlowStore) -> None:
    gone, *others = await start(intake, store, "a", "b", "c")
    gone.cancel()
    await asyncio.sleep(0)
    store.go_on.set()

    assert await asyncio.gather(*others) == [IntakeResult(1, 0)] * 2
    assert intake.waiting == 0


async def test_take__caller_gone_while_it_waits__its_events_are_not_awaited(intake: Intake, store: SlowStore) -> None:
    first, gone, last = await start(intake, store, "a", "b", "c")
    await asyncio.sleep(0)
    gone.cancel()
    store.go_on.set()

    assert list(await asyncio.gather(first, last)) == [IntakeResult(1, 0)] * 2
    assert intake.waiting == 0


async def test_take__past_what_may_wait__refused_with_a_time(
    intake: Intake, store: SlowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "WAITING_MOST", 2)
    tasks = await start(intake, store, "a", "b", "c")

    with pytest.raises(TooManyRequests) as raised:
        await intake.take("production", [an_exposure("d")])
    assert raised.value.retry_after_seconds > 0
    store.go_on.set()
    assert await asyncio.gather(*tasks) == [IntakeResult(1, 0)] * 3


async def test_take__nothing__asks_nobody(intake: Intake, store: SlowStore) -> None:
    assert await intake.take("production", []) == IntakeResult(0, 0)
    assert store.commits == []


async def test_prune__settings__decide_how_old_events_may_be(origin: AnOrigin) -> None:
    services = origin.services
    await report(origin, an_exposure("1", at=START_MS - 20 * DAY_MS), a_purchase("2", at=START_MS - 20 * DAY_MS))
    await report(origin, an_exposure("3"), a_purchase("4"))
    retention = EventRetention(services.store, services.settings, origin.clock)

    origin.clock.advance(69 * 86_400)
    assert await retention.prune() == 0
    origin.clock.advance(2 * 86_400)
    assert await retention.prune() == 2
    origin.clock.advance(20 * 86_400)
    assert await retention.prune() == 2
    assert await counted(origin) == []


async def test_prune__many_events__in_steps(origin: AnOrigin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flaghoist_origin.storage.environments.events.PRUNED_AT_ONCE", 10)
    await report(origin, *(an_exposure(f"e{number}") for number in range(35)))

    assert await origin.store.prune_events(START_MS + 1) == 35


async def test_prune__environment_that_was_removed__too(origin: AnOrigin) -> None:
    owner = {"Authorization": f"Bearer {origin.keys['admin']}"}
    created = await origin.client.post("/api/v1/environments", json={"name": "staging"}, headers=owner)
    own = {"Authorization": f"Bearer {created.json()['key']['key']}"} if "key" in created.json() else owner
    await origin.services.intake.take("staging", [an_exposure("1")])
    await origin.client.delete("/api/v1/environments/staging?confirm=staging", headers={**own, "If-Match": "*"})
    assert "staging" not in await origin.store.environments()

    assert await origin.store.prune_events(START_MS + 1) == 1


async def test_two_origins__the_same_events_at_once__each_is_stored_once(origin: AnOrigin) -> None:
    """They meet rows of each other's open transactions, in another order each time."""
    other = Store(origin.services.settings.url, origin.clock)
    intakes = (origin.services.intake, Intake(other, SECRET, origin.clock))
    events = [event for number in range(60) for event in (an_exposure(f"e{number}"), a_purchase(f"p{number}"))]
    batches = [events[start:] + events[:start] for start in range(0, len(events), 10)]
    try:
        taken = await asyncio.gather(
            *(intakes[number % 2].take("production", batch) for number, batch in enumerate(batches))
        )
    finally:
        await other.close()

    assert sum(each.accepted for each in taken) == len(events)
    assert sum(each.accepted + each.duplicates for each in taken) == len(batches) * len(events)
    assert [item["exposures"] for item in await counted(origin)] == [60]
