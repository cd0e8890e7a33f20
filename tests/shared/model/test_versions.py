"""The text of versions: ``epoch-version``, or a version of a given epoch."""

import pytest

from flaghoist.model.flags import VERSION_DIGITS, SnapshotVersion


@pytest.mark.parametrize("text", ["1-43", "0-0", "007-08", f"{'9' * VERSION_DIGITS}-{'9' * VERSION_DIGITS}"])
def test_parse__epoch_and_version__is_read(text: str) -> None:
    epoch, version = text.split("-")
    assert SnapshotVersion.parse(text) == SnapshotVersion(int(epoch), int(version))


def test_parse__what_was_written__is_itself() -> None:
    version = SnapshotVersion(3, 1_000)
    assert SnapshotVersion.parse(str(version)) == version


def test_parse__bare_version__needs_an_epoch() -> None:
    assert SnapshotVersion.parse("43") is None
    assert SnapshotVersion.parse("43", 2) == SnapshotVersion(2, 43)
    assert SnapshotVersion.parse("1-43", 2) == SnapshotVersion(1, 43)


@pytest.mark.parametrize("text", ["", "-", "1-", "-1", "1-2-3", " 1-2", "1-2\n", "1_0-2", "a-1", "٣-1", "9" * 16])
def test_parse__anything_else__is_none(text: str) -> None:
    assert SnapshotVersion.parse(text, 1) is None


def test_parse__more_digits__where_they_are_allowed() -> None:
    text = f"1-{'9' * 18}"
    assert SnapshotVersion.parse(text) is None
    assert SnapshotVersion.parse(text, most_digits=18) == SnapshotVersion(1, int("9" * 18))
    assert SnapshotVersion.parse(f"{text}9", most_digits=18) is None
