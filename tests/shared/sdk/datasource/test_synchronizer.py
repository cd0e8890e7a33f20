"""Following an origin: which level comes of what it does, when it is asked again, and what is never taken from it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from flaghoist.backoff import Backoff
from flaghoist.errors import KeyRefused, Unavailable
from flaghoist.model.flags import SnapshotVersion
from flaghoist.sdk.datasource import stream_source as hearing
from flaghoist.sdk.datasource.source import StreamEvent
from flaghoist.sdk.datasource.stream_source import LONGEST_RETRY_SECONDS
from flaghoist.sdk.datasource.synchronizer import HERD_SECONDS, Synchronizer
from flaghoist.sdk.snapshot.levels import Level
from flaghoist.sdk.snapshot.snapshot import Snapshot
from flaghoist.sdk.snapshot.state import InitialSnapshot
from flaghoist.sdk.store.status import StatusReporter
from flaghoist.sdk.store.store import SnapshotStore
from tests.builders import a_flagset
from tests.published import ENVIRONMENT
from tests.shared.sdk.making import SEALER, a_release, a_snapshot, change, values_of, whole
from tests.shared.sdk.recorded_events import READY, STALE, RecordedEvents
from tests.shared.sdk.scripted import Ended, JumpingClock, ScriptedOrigin, ScriptItem

POLL_SECONDS = 30.0
GREETING = StreamEvent("", 2000)
AWAY = Unavailable("nobody answers", 0)
NO_JITTER = Backoff(1.0, 8.0, lambda: 0.0, least_share=0.5)


def put(number: int, version: str) -> StreamEvent:
    return StreamEvent(whole(a_flagset(a_release(number)), version).decode())


def patch(number: int, since: str, version: str) -> StreamEvent:
    sets = a_flagset(a_release(number - 1)), a_flagset(a_release(number))
    return StreamEvent(change(*sets, since, version).decode())


class Followed:
    """A store, and what came of following origins to the end of their script."""

    def __init__(self, initial: Snapshot | None = None) -> None:
        self.recorded = RecordedEvents()
        self.saved: list[Snapshot] = []
        self.time = JumpingClock()
        status_reporter = StatusReporter(self.recorded.record)
        self.store = SnapshotStore(ENVIRONMENT, SEALER, status_reporter, self.saved.append, self.time.clock.now)
        self.store.start_from(InitialSnapshot(initial, "a file"))

    def through(self, *origins: ScriptedOrigin, backoff: Backoff = NO_JITTER) -> None:
        follower = Synchronizer(
            origins,
            self.store,
            backoff,
            poll_seconds=POLL_SECONDS,
            request_seconds=10.0,
            clock=self.time.clock,
        )
        with pytest.raises(Ended):
            asyncio.run(follower.run())

    @property
    def value(self) -> object:
        snapshot = self.store.state.snapshot
        return values_of(snapshot, {})["release"] if snapshot else None

    @property
    def levels(self) -> list[object]:
        return [level for _, level in self.recorded.levels]


@pytest.fixture
def followed() -> Followed:
    return Followed()


def test_follow__first_stream__begins_with_all_and_goes_on_with_changes(followed: Followed) -> None:
    origin = ScriptedOrigin([[GREETING, put(1, "1-1"), patch(2, "1-1", "1-2"), patch(3, "1-2", "1-3")]])
    followed.through(origin)
    assert followed.value == "v3"
    assert followed.recorded.levels[0] == (READY, "streaming")
    assert followed.recorded.changes == [("release",), ("release",)]
    assert [str(snapshot.version) for snapshot in followed.saved] == ["1-1", "1-2", "1-3"]
    assert origin.requests == [("stream", "None"), ("poll", "1-3"), ("stream", "1-3")]


def test_follow__stream_that_cannot_be_had__polls(followed: Followed) -> None:
    origin = ScriptedOrigin([[AWAY]], [whole(a_flagset(a_release(1)))])
    followed.through(origin)
    assert (followed.value, followed.recorded.levels) == ("v1", [(READY, "polling")])
    assert "nobody answers" in followed.recorded.messages()[0]


def test_follow__nobody_answers__serves_what_it_had() -> None:
    followed = Followed(a_snapshot(a_release(1)))
    followed.through(ScriptedOrigin([[AWAY]], [AWAY]))
    assert (followed.value, followed.recorded.levels) == ("v1", [(STALE, "stored")])
    assert followed.recorded.messages() == ["PROVIDER_STALE: stored: nobody answers; meanwhile: a file"]
    assert followed.store.decided.is_set()


@pytest.mark.parametrize(("error", "is_decided"), [(AWAY, False), (KeyRefused("no"), True)])
def test_follow__nothing_to_serve__waits_unless_waiting_is_no_use(
    followed: Followed, error: Unavailable | KeyRefused, is_decided: bool
) -> None:
    followed.through(ScriptedOrigin([[error]], [error]))
    assert (followed.value, followed.levels) == (None, ["defaults"])
    assert followed.store.decided.is_set() is is_decided


def test_follow__stream_lost__goes_down_and_up_again_by_itself(followed: Followed) -> None:
    streams: list[list[ScriptItem]] = [[put(1, "1-1")], [AWAY], [patch(2, "1-1", "1-2")]]
    followed.through(ScriptedOrigin(streams, [AWAY, None, None]))
    assert followed.levels == ["streaming", "stored", "polling", "streaming", "polling"]
    assert followed.value == "v2"


def test_follow__waits_after_failures__grow_to_the_most_and_polls_go_on(followed: Followed) -> None:
    followed.through(ScriptedOrigin([[AWAY]] * 7))
    assert followed.time.waits == [1.0, 2.0, 4.0, 4.0, 4.0, 4.0, 4.0]


def test_follow__origin_that_wants_to_be_left_alone__is_polled_meanwhile(followed: Followed) -> None:
    origin = ScriptedOrigin([[StreamEvent("", 100_000)]], [whole(a_flagset(a_release(1)))])
    followed.through(origin)
    assert [what for what, _ in origin.requests] == ["stream", "poll", "poll", "poll", "poll", "stream"]
    assert sum(followed.time.waits) == pytest.approx(101.0)
    assert followed.levels == ["polling"]


def test_follow__answer_that_asks_for_a_pause__is_given_one(followed: Followed) -> None:
    followed.through(ScriptedOrigin([[Unavailable("overloaded", 20)]]))
    assert followed.time.waits == [21.0]


@pytest.mark.parametrize(
    "said", [StreamEvent("", 10**400), Unavailable("overloaded", 10**400)], ids=["stream", "answer"]
)
def test_follow__pause_without_end__is_an_hour_at_most(followed: Followed, said: ScriptItem) -> None:
    followed.through(ScriptedOrigin([[said]]))
    assert sum(followed.time.waits) == LONGEST_RETRY_SECONDS + 1.0


def test_follow__stream_that_had_been_live__is_left_for_a_random_moment(followed: Followed) -> None:
    followed.through(ScriptedOrigin([[put(1, "1-1")]]), backoff=Backoff(1.0, 8.0, lambda: 0.5, least_share=0.5))
    assert followed.time.waits[0] == HERD_SECONDS / 2


def test_follow__stream_that_lived_long__is_no_failure(followed: Followed) -> None:
    class Lasting(ScriptedOrigin):
        """Its streams last for an hour."""

        async def events(self, since: SnapshotVersion | None) -> AsyncGenerator[StreamEvent, None]:
            async for said in super().events(since):
                yield said
                followed.time.passes(3_600.0)

    followed.through(
        Lasting([[put(1, "1-1"), patch(2, "1-1", "1-2")], [AWAY], [put(3, "1-3"), patch(4, "1-3", "1-4")]])
    )
    assert [wait for wait in followed.time.waits if wait] == [0.5, 1.0, 0.5]


def test_follow__second_origin__is_asked_when_the_first_fails(followed: Followed) -> None:
    dead = ScriptedOrigin([[AWAY], [AWAY]], [AWAY, AWAY])
    alive = ScriptedOrigin([[put(1, "1-1")]], [whole(a_flagset(a_release(1)))])
    followed.through(dead, alive)
    assert followed.value == "v1"
    assert dead.requests == [("stream", "None")]
    assert [what for what, _ in alive.requests] == ["poll", "stream", "poll", "stream"]


BAD = [
    (StreamEvent("<html>"), "is not a snapshot"),
    (StreamEvent(whole(a_flagset(), "1-9", "staging").decode()), "sent the environment 'staging'"),
    (put(9, "1-4"), "behind 1-5"),
    (patch(9, "1-6", "1-7"), "does not follow on 1-5"),
]


@pytest.mark.parametrize(("said", "told"), BAD, ids=["html", "environment", "behind", "gap"])
def test_follow__what_is_no_good__changes_nothing_and_is_told(said: StreamEvent, told: str) -> None:
    followed = Followed(a_snapshot(a_release(5), version="1-5"))
    before = followed.store.state.snapshot
    followed.through(ScriptedOrigin([[GREETING, said]], [said.data.encode()]))
    assert followed.store.state.snapshot is before
    assert followed.levels == ["stored"]
    assert told in followed.recorded.messages()[0]


def test_follow__silence_after_the_greeting__says_that_nothing_is_newer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "SETTLING_SECONDS", 0.0)
    followed = Followed(a_snapshot(a_release(5), version="1-5"))
    followed.through(ScriptedOrigin([[GREETING, *pauses(5)]]))
    assert followed.levels == ["streaming", "polling"]


def test_follow__stream_that_ends_with_its_greeting__was_none() -> None:
    followed = Followed(a_snapshot(a_release(5), version="1-5"))
    followed.through(ScriptedOrigin([[GREETING]]))
    assert followed.levels == ["polling"]


def pauses(count: int) -> Sequence[StreamEvent]:
    return [StreamEvent("", None)] * count


def test_confirmed__while_polling__ages_from_the_last_answer() -> None:
    followed = Followed(a_snapshot(a_release(5), version="1-5"))
    followed.time.passes(10.0)
    followed.store.confirm_current(Level.POLLING, "")
    followed.time.passes(3.5)
    assert followed.store.state.age_seconds(followed.time.clock.now()) == 3
    followed.store.confirm_current(Level.STREAMING, "")
    followed.time.passes(3.5)
    assert followed.store.state.age_seconds(followed.time.clock.now()) == 0
