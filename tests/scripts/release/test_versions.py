"""The version: the same in every file that names one, and raised in all of them at once."""

import shutil
from pathlib import Path

import pytest

from flaghoist.version import VERSION
from release.failure import ReleaseFailed
from release.versions import PLACES, VersionPlace, current, faults, raise_version, range_of
from tests.project import ROOT


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with a copy of every file that names the version."""
    for place in PLACES:
        path = tmp_path / place.path
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / place.path, path)
    return tmp_path


def test_version__every_file__names_the_same() -> None:
    assert current(ROOT) == VERSION
    assert faults(ROOT) == []


@pytest.mark.parametrize(
    ("version", "asked"),
    [("0.1.0", ">=0.1,<0.2"), ("0.9.4", ">=0.9,<0.10"), ("1.0.0", ">=1.0,<2"), ("12.3.1", ">=12.3,<13")],
)
def test_range__version__ends_before_what_may_break(version: str, asked: str) -> None:
    assert range_of(version) == asked


def test_raise__new_version__stands_everywhere(copy: Path) -> None:
    changed = raise_version(copy, "7.8.9")

    assert current(copy) == "7.8.9"
    assert faults(copy) == []
    assert set(changed) == {place.path for place in PLACES}


def test_raise__same_version__changes_nothing(copy: Path) -> None:
    assert raise_version(copy, VERSION) == []


def test_raise__patch__leaves_ranges_alone(copy: Path) -> None:
    major, minor, patch = VERSION.split(".")
    changed = raise_version(copy, f"{major}.{minor}.{int(patch) + 1}")

    assert not [path for path in changed if path.endswith("pyproject.toml")]
    assert faults(copy) == []


@pytest.mark.parametrize("version", ["", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.3rc1", "01.2.3", "1.2.3\n"])
def test_raise__no_version__is_refused(copy: Path, version: str) -> None:
    with pytest.raises(ReleaseFailed, match="three numbers"):
        raise_version(copy, version)


def test_raise__released_changes__get_a_new_section_above(copy: Path) -> None:
    changelog = copy / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## 0.4.0 (2027-01-31)\n\n- A thing.\n")

    raise_version(copy, "0.5.0")

    sections = [line for line in changelog.read_text().splitlines() if line.startswith("## ")]
    assert sections == ["## 0.5.0 (unreleased)", "## 0.4.0 (2027-01-31)"]


@pytest.mark.parametrize("place", PLACES[1:], ids=lambda place: place.path)
def test_faults__one_file_behind__is_named(copy: Path, place: VersionPlace) -> None:
    path = copy / place.path
    path.write_text(path.read_text().replace(place.form(VERSION), place.form("3.3.3")))

    (found,) = faults(copy)
    assert found.startswith(f"{place.path} says {place.form('3.3.3')}")
