"""`flaghoist types`: where the flags come from, what is written where, and what is never written over."""

import json
from pathlib import Path

import pytest

from flaghoist_cli.files.flag_files import render_flag_set
from tests.builders import a_flag, a_flagset
from tests.scripts.command import flaghoist
from tests.scripts.fake_origin import OriginState
from tests.scripts.flags_to_type import every_type

PYTHON = ("types", "--language", "python")


@pytest.fixture
def flags(tmp_path: Path) -> str:
    """Return a flag file of every type."""
    path = tmp_path / "flags.json"
    path.write_text(render_flag_set(every_type()))
    return str(path)


def test_types__origin__prints_code_for_its_flags(origin: OriginState) -> None:
    result = flaghoist(*PYTHON, origin=origin.url)
    assert result.exit_code == 0
    assert "def banner(self" in result.stdout
    assert origin.requests == ["GET /snapshot"]


def test_types__origin_and_its_export__give_the_same_code(origin: OriginState, tmp_path: Path) -> None:
    path = str(tmp_path / "flags.json")
    flaghoist("export", path, origin=origin.url)
    assert flaghoist(*PYTHON, "--file", path).stdout == flaghoist(*PYTHON, origin=origin.url).stdout


def test_types__output__is_written_once_and_then_current(flags: str, tmp_path: Path) -> None:
    path = tmp_path / "flags.py"
    first = flaghoist(*PYTHON, "--file", flags, "--output", str(path), "--json")
    second = flaghoist(*PYTHON, "--file", flags, "--output", str(path), "--json")
    assert [json.loads(each.stdout)["written"] for each in (first, second)] == [True, False]
    assert json.loads(second.stdout)["current"] is True
    assert "def new_checkout(self" in path.read_text()


def test_types__check__exits_1_until_the_file_is_current(flags: str, tmp_path: Path) -> None:
    path = tmp_path / "flags.ts"
    arguments = ("types", "--language", "typescript", "--file", flags, "--output", str(path))
    missing = flaghoist(*arguments, "--check")
    assert (missing.exit_code, path.exists()) == (1, False)
    assert flaghoist(*arguments).exit_code == 0
    assert flaghoist(*arguments, "--check").exit_code == 0
    path.write_text(path.read_text() + "// mine\n")
    changed = flaghoist(*arguments, "--check")
    assert changed.exit_code == 1
    assert "is not up to date: run the command again without --check" in changed.stdout
    assert path.read_text().endswith("// mine\n")


def test_types__dry_run__writes_nothing(flags: str, tmp_path: Path) -> None:
    path = tmp_path / "flags.py"
    result = flaghoist(*PYTHON, "--file", flags, "--output", str(path), "--dry-run")
    assert "would write 6 flags to" in result.stdout
    assert not path.exists()


def test_types__file_that_people_wrote__is_not_overwritten_unasked(flags: str, tmp_path: Path) -> None:
    path = tmp_path / "flags.py"
    path.write_text("mine = 1\n")
    assert flaghoist(*PYTHON, "--file", flags, "--output", str(path)).exit_code == 1
    assert path.read_text() == "mine = 1\n"
    assert flaghoist(*PYTHON, "--file", flags, "--output", str(path), "--yes").exit_code == 0
    assert path.read_text() != "mine = 1\n"


def test_types__older_code_of_this_command__is_replaced(flags: str, tmp_path: Path) -> None:
    path = tmp_path / "flags.py"
    path.write_text(flaghoist(*PYTHON, "--file", flags).stdout.replace("new_checkout", "older"))
    assert flaghoist(*PYTHON, "--file", flags, "--output", str(path)).exit_code == 0
    assert "def new_checkout(self" in path.read_text()


def test_types__clashing_keys__are_noted_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "flags.json"
    path.write_text(render_flag_set(a_flagset(a_flag("a-b"), a_flag("a.b"))))
    result = flaghoist(*PYTHON, "--file", str(path))
    assert "these keys would have the same name: a-b is a_b_" in result.stderr


def test_types__scope__decides_which_flags(flags: str) -> None:
    everything = flaghoist(*PYTHON, "--file", flags, "--json")
    seen = flaghoist(*PYTHON, "--file", flags, "--scope", "client", "--json")
    assert [json.loads(each.stdout)["flags"] for each in (everything, seen)] == [6, 5]
    assert "fraud" not in json.loads(seen.stdout)["code"]


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (("--check",), "give --output"),
        (("--augment",), "leave it out"),
        (("--language", "cobol"), "cobol"),
    ],
)
def test_types__used_wrongly__exits_2(flags: str, wrong: tuple[str, ...], remedy: str) -> None:
    result = flaghoist(*PYTHON, "--file", flags, *wrong)
    assert result.exit_code == 2
    assert remedy in result.stderr


def test_types__folder_that_is_not_there__is_named(flags: str, tmp_path: Path) -> None:
    result = flaghoist(*PYTHON, "--file", flags, "--output", str(tmp_path / "nowhere" / "flags.py"))
    assert result.exit_code == 1
    assert "name a file in a folder that exists" in result.stderr


def test_types__invalid_file__names_the_fault(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"flags": [{"key": "a b"}]}')
    result = flaghoist(*PYTHON, "--file", str(path))
    assert result.exit_code == 1
    assert f"{path}: $.flags[0]" in result.stderr
