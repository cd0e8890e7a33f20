"""The spool: what is on disk comes back, whoever wrote it, and whatever the disk does, no exception tells of it."""

import os
import stat
from pathlib import Path

import pytest

from flaghoist.sdk.events.spool import SEGMENT_BYTES, Spool

PLENTY = 10_000_000
LINES = [b'{"id":"1"}', b'{"id":"2"}', b'{"id":"3"}']


def contents(spool: Spool) -> list[bytes]:
    """Take everything out of a spool."""
    found: list[bytes] = []
    while segment := spool.oldest():
        found += spool.read(segment)
        spool.remove(segment)
    return found


def files(root: Path) -> list[Path]:
    return sorted(root.glob("*/*.events"))


def test_append__then_read__in_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path, PLENTY)

    assert (spool.append(LINES[:2]), spool.append(LINES[2:])) == (2, 1)
    assert spool.size == sum(path.stat().st_size for path in files(tmp_path))
    assert contents(spool) == LINES
    assert (spool.size, files(tmp_path)) == (0, [])


def test_append__nothing__makes_no_file(tmp_path: Path) -> None:
    assert Spool(tmp_path / "spool", PLENTY).append([]) == 0
    assert not (tmp_path / "spool").exists()


def test_files__are_for_their_owner_alone(tmp_path: Path) -> None:
    root = tmp_path / "deeper" / "spool"
    Spool(root, PLENTY).append(LINES)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in root.rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (root, *root.iterdir())}

    assert (modes, folders) == ({0o600}, {0o700})


def test_segments__grow_up_to_a_size__then_another_begins(tmp_path: Path) -> None:
    spool = Spool(tmp_path, PLENTY)
    line = b"x" * 1_000
    for _ in range(3):
        spool.append([line] * (SEGMENT_BYTES // len(line)))

    assert len(files(tmp_path)) == 3
    assert contents(spool) == [line] * (3 * (SEGMENT_BYTES // len(line)))


def test_append__past_the_limit__stores_what_fits_and_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 50)

    assert spool.append(LINES) == 2
    assert "the spool is full" in spool.fault
    assert contents(spool) == LINES[:2]
    assert (spool.append(LINES), spool.fault != "") == (2, True)
    assert contents(spool) == LINES[:2]
    assert spool.fault == ""


def test_adopt__of_a_closed_spool__comes_back(tmp_path: Path) -> None:
    first = Spool(tmp_path, PLENTY)
    first.append(LINES)
    first.close()
    second = Spool(tmp_path, PLENTY)
    second.adopt()

    assert second.size > 0
    assert contents(second) == LINES
    second.close()
    assert list(tmp_path.iterdir()) == []


def test_adopt__while_its_owner_lives__left_alone(tmp_path: Path) -> None:
    living, other = Spool(tmp_path, PLENTY), Spool(tmp_path, PLENTY)
    living.append(LINES)
    other.adopt()

    assert (other.size, contents(other)) == (0, [])
    assert contents(living) == LINES


def test_adopt__folder_that_is_empty_and_files_of_others__harmless(tmp_path: Path) -> None:
    (tmp_path / "abandoned").mkdir()
    (tmp_path / "notes.txt").write_text("not ours")
    spool = Spool(tmp_path, PLENTY)
    spool.adopt()

    assert (spool.size, spool.fault) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("spoil", "left", "corrupt"),
    [
        (lambda data: data[:-5], LINES[:2], 1),
        (lambda data: data.replace(b'"2"', b'"7"'), [LINES[0], LINES[2]], 1),
        (lambda data: b"\0" * 40 + b"\n" + data, LINES, 1),
        (lambda data: b"", [], 0),
        (lambda data: os.urandom(300).replace(b"\r", b"\n").replace(b"\n", b"") + b"\n", [], 1),
        (lambda data: data + b"\n\n", LINES, 2),
    ],
    ids=["torn", "flipped", "zeros", "emptied", "noise", "blank lines"],
)
def test_read__spoilt_file__good_lines_come_back(
    tmp_path: Path, spoil: object, left: list[bytes], corrupt: int
) -> None:
    assert callable(spoil)
    writer = Spool(tmp_path, PLENTY)
    writer.append(LINES)
    writer.close()
    (path,) = files(tmp_path)
    path.write_bytes(spoil(path.read_bytes()))
    reader = Spool(tmp_path, PLENTY)
    reader.adopt()

    assert (contents(reader), reader.corrupt) == (left, corrupt)


def test_append__disk_that_refuses__keeps_nothing_and_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path, PLENTY)
    spool.append(LINES[:1])

    def half(descriptor: int, data: memoryview) -> int:
        if len(data) < 10:
            raise OSError(28, "No space left on device")
        return written(descriptor, data[: len(data) // 2])

    written = os.write
    monkeypatch.setattr(os, "write", half)
    assert spool.append(LINES[1:]) == 0
    assert "No space left on device" in spool.fault
    monkeypatch.setattr(os, "write", written)

    assert spool.append(LINES[1:]) == 2
    assert (contents(spool), spool.corrupt) == (LINES, 0)


def test_append__folder_that_cannot_be_made__is_a_fault_and_no_exception(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    spool = Spool(tmp_path / "file" / "spool", PLENTY)
    spool.adopt()

    assert (spool.append(LINES), spool.size) == (0, 0)
    assert str(tmp_path) in spool.fault


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_disown__in_a_forked_child__leaves_the_files(tmp_path: Path) -> None:
    parent = Spool(tmp_path, PLENTY)
    parent.append(LINES)
    child = os.fork()
    if child == 0:
        parent.disown()
        os._exit(parent.append(LINES[:1]))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1

    assert contents(parent) == LINES
    assert len(files(tmp_path)) == 1, "the child's own folder has its own file"
