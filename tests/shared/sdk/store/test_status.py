"""Every change of level is one event that names it; repetitions are only those that OpenFeature makes necessary."""

import logging

import pytest
from openfeature.exception import ErrorCode

from flaghoist.sdk.snapshot.levels import Level
from flaghoist.sdk.snapshot.state import State, make_state
from flaghoist.sdk.store.status import REPEATS, StatusReporter
from tests.shared.sdk.making import a_release, a_snapshot
from tests.shared.sdk.recorded_events import CHANGED, ERROR, READY, STALE, RecordedEvents

SNAPSHOT = a_snapshot(a_release(1), version="1-43")


def at(level: Level, reason: str = "because") -> State:
    return make_state(level, reason, None if level is Level.DEFAULTS else SNAPSHOT)


@pytest.mark.parametrize(
    ("level", "event"),
    [(Level.STREAMING, READY), (Level.POLLING, READY), (Level.STORED, STALE), (Level.DEFAULTS, ERROR)],
)
def test_level__emitted__is_an_event_that_names_it(recorded: RecordedEvents, level: Level, event: object) -> None:
    StatusReporter(recorded.record).emit_level(at(level))
    ((told, details),) = recorded.all
    assert (told, details.message) == (event, f"{level}: because")
    assert details.metadata["level"] == level
    assert details.metadata.get("version") == (None if level is Level.DEFAULTS else "1-43")
    assert details.error_code == (ErrorCode.PROVIDER_NOT_READY if level is Level.DEFAULTS else None)


def test_level__emitted_again__is_no_event(recorded: RecordedEvents) -> None:
    status_reporter = StatusReporter(recorded.record)
    for reason in ("one", "another"):
        status_reporter.emit_level(at(Level.STORED, reason))
    assert recorded.levels == [(STALE, "stored")]


def test_level__that_follows_another__names_both(recorded: RecordedEvents) -> None:
    status_reporter = StatusReporter(recorded.record)
    status_reporter.emit_level(at(Level.STREAMING))
    status_reporter.emit_level(at(Level.STORED))
    assert [details.metadata["previous"] for _, details in recorded.all] == ["streaming", "streaming"]


@pytest.mark.parametrize("level", [Level.STORED, Level.DEFAULTS])
def test_level__below_the_origin_at_the_start__is_repeated_after_openfeatures_ready(
    recorded: RecordedEvents, level: Level
) -> None:
    status_reporter = StatusReporter(recorded.record)
    status_reporter.emit_level(at(level))
    status_reporter.expect_ready()
    for _ in range(REPEATS + 3):
        status_reporter.emit_level(at(level))
    assert [name for _, name in recorded.levels] == [level] * (1 + REPEATS)


def test_level__of_the_origin_at_the_start__is_not_repeated(recorded: RecordedEvents) -> None:
    status_reporter = StatusReporter(recorded.record)
    status_reporter.emit_level(at(Level.STREAMING))
    status_reporter.expect_ready()
    for level in (Level.STREAMING, Level.STORED, Level.STORED, Level.STORED):
        status_reporter.emit_level(at(level))
    assert recorded.levels == [(READY, "streaming"), (STALE, "stored")]


def test_level__that_rose_after_a_low_start__is_not_repeated_when_it_falls(recorded: RecordedEvents) -> None:
    status_reporter = StatusReporter(recorded.record)
    status_reporter.emit_level(at(Level.STORED))
    status_reporter.expect_ready()
    for level in (Level.STREAMING, Level.STORED, Level.STORED):
        status_reporter.emit_level(at(level))
    assert [level for _, level in recorded.levels] == ["stored", "streaming", "stored"]


def test_level__stored_while_offline__is_what_was_asked_for(recorded: RecordedEvents) -> None:
    StatusReporter(recorded.record, is_offline=True).emit_level(at(Level.STORED))
    assert recorded.levels == [(READY, "stored")]


def test_changes__emitted__name_the_flags_and_the_version(recorded: RecordedEvents) -> None:
    StatusReporter(recorded.record).emit_changes(at(Level.STREAMING), ("a", "b"))
    ((event, details),) = recorded.all
    assert (event, details.flags_changed) == (CHANGED, ["a", "b"])
    assert details.metadata == {"level": "streaming", "version": "1-43"}


def test_level__that_got_worse__is_a_warning_in_the_log(
    recorded: RecordedEvents, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "flaghoist.sdk"):
        status_reporter = StatusReporter(recorded.record)
        status_reporter.emit_level(at(Level.STREAMING))
        status_reporter.emit_level(at(Level.STORED, "nobody answers"))
    assert [record.levelno for record in caplog.records] == [logging.INFO, logging.WARNING]
    assert "stored: nobody answers" in caplog.text
