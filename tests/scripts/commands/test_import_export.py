"""Import, export and diff: files and an origin, and nothing written that was not shown."""

import json
from pathlib import Path

import pytest

from flaghoist_cli.files.flag_files import read_flag_set, render_flag_set
from tests.builders import a_flag, a_flagset, a_rollout
from tests.scripts.command import NOWHERE, flaghoist
from tests.scripts.fake_origin import OriginState


@pytest.fixture
def changed(tmp_path: Path) -> str:
    """Return a file that switches one flag off and adds another."""
    path = tmp_path / "flags.json"
    path.write_text(render_flag_set(a_flagset(a_flag("banner").on(False), a_flag("fresh"))))
    return str(path)


def test_export__origin__gives_a_file_that_import_takes_back(origin: OriginState, tmp_path: Path) -> None:
    path = str(tmp_path / "flags.json")
    exported = flaghoist("export", path, origin=origin.url)
    assert "wrote 2 flags, 1 segment and 0 groups of version 1-1" in exported.stdout
    assert sorted(read_flag_set(path).flags) == ["banner", "checkout"]
    again = flaghoist("import", path, origin=origin.url)
    assert "nothing to change" in again.stdout
    assert "PUT /snapshot" not in origin.requests


def test_export__draw_by_mix__is_kept_by_export_and_import(origin: OriginState, tmp_path: Path) -> None:
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    rollout = a_rollout(algorithm="mix", on=30_000, off=70_000)
    before.write_text(render_flag_set(a_flagset(a_flag("banner").on().fallthrough(rollout))))
    assert flaghoist("import", str(before), "--yes", origin=origin.url).exit_code == 0
    assert flaghoist("export", str(after), origin=origin.url).exit_code == 0
    assert read_flag_set(str(after)).flags["banner"].fallthrough.rollout == rollout


def test_export__without_file__prints_json(origin: OriginState) -> None:
    document = json.loads(flaghoist("export", origin=origin.url).stdout)
    assert [segment["included"] for segment in document["segments"]] == [["sam"]]


def test_export__existing_file__is_not_overwritten_unasked(origin: OriginState, tmp_path: Path) -> None:
    path = tmp_path / "flags.json"
    path.write_text("mine")
    assert flaghoist("export", str(path), origin=origin.url).exit_code == 1
    assert path.read_text() == "mine"
    assert flaghoist("export", str(path), "--yes", origin=origin.url).exit_code == 0
    assert path.read_text() != "mine"


def test_export__dry_run__writes_nothing(origin: OriginState, tmp_path: Path) -> None:
    path = tmp_path / "flags.json"
    result = flaghoist("export", str(path), "--dry-run", "--json", origin=origin.url)
    assert json.loads(result.stdout)["written"] is False
    assert not path.exists()


def test_import__dry_run__shows_the_difference_and_writes_nothing(origin: OriginState, changed: str) -> None:
    result = flaghoist("import", changed, "--dry-run", origin=origin.url)
    assert result.stdout.splitlines() == [
        "- segment staff",
        "~ flag banner",
        "    on: true → false",
        "- flag checkout",
        "+ flag fresh",
        "nothing was written (--dry-run)",
    ]
    assert origin.requests == ["GET /snapshot"]


def test_import__nobody_to_confirm__writes_nothing(origin: OriginState, changed: str) -> None:
    result = flaghoist("import", changed, origin=origin.url)
    assert (result.exit_code, origin.version) == (1, 1)
    assert "give --yes" in result.stderr


def test_import__confirmed__replaces_everything(origin: OriginState, changed: str) -> None:
    result = flaghoist("import", changed, "--yes", "--json", origin=origin.url)
    printed = json.loads(result.stdout)
    assert (printed["written"], printed["version"]) == (True, "1-2")
    assert [flag["key"] for flag in origin.snapshot["flags"]] == ["banner", "fresh"]


def test_import__merge__removes_nothing(origin: OriginState, changed: str) -> None:
    flaghoist("import", changed, "--merge", "--yes", origin=origin.url)
    assert [flag["key"] for flag in origin.snapshot["flags"]] == ["banner", "checkout", "fresh"]
    assert [segment["key"] for segment in origin.snapshot["segments"]] == ["staff"]


def test_import__overtaken_by_another_write__fails_with_the_remedy(origin: OriginState, changed: str) -> None:
    origin.is_overtaken = True
    result = flaghoist("import", changed, "--yes", origin=origin.url)
    assert result.exit_code == 1
    assert "run the command again" in result.stderr


def test_import__invalid_file__names_each_fault_with_its_path(origin: OriginState, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(
        '{"flags": [{"key": "a", "variations": {"x": 1}, "off_variation": "y", "fallthrough": {"variation": "z"}}]}'
    )
    result = flaghoist("import", str(path), "--yes", origin=origin.url)
    assert result.exit_code == 1
    assert f"{path}: $.flags[0].off_variation" in result.stderr
    assert f"{path}: $.flags[0].fallthrough" in result.stderr
    assert origin.requests == []


def test_import__from_standard_input__is_read(origin: OriginState, changed: str) -> None:
    text = Path(changed).read_text()
    result = flaghoist("import", "-", "--dry-run", "--json", origin=origin.url, stdin=text)
    assert [change["key"] for change in json.loads(result.stdout)["changes"]] == [
        "staff",
        "banner",
        "checkout",
        "fresh",
    ]


def test_diff__file_and_origin__exits_1_and_names_both(origin: OriginState, changed: str) -> None:
    result = flaghoist("diff", changed, "origin", origin=origin.url)
    assert result.exit_code == 1
    assert f"4 differences between {changed} and origin (version 1-1)" in result.stdout


def test_diff__equal_files__exits_0(changed: str) -> None:
    result = flaghoist("diff", changed, changed, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["differences"] == []


def test_diff__address_with_environment__asks_that_one(origin: OriginState, changed: str) -> None:
    result = flaghoist("diff", changed, f"{origin.url}/staging", origin=NOWHERE)
    assert result.exit_code == 1
    assert origin.requests == ["GET /api/v1/environments/staging/snapshot"]
