"""What a provider starts from: the newer of cache and bootstrap file; a file that is of no use is named."""

import logging
from pathlib import Path

import pytest

from flaghoist.sdk.snapshot.state import InitialSnapshot
from flaghoist.sdk.store import cache_file
from flaghoist.sdk.store.bootstrap import find_initial_snapshot
from flaghoist.steps import complete
from tests.builders import a_flag
from tests.shared.sdk.making import SEALER, a_flag_file, a_release, a_snapshot, offline_options, values_of


def a_cache(folder: Path, number: int, version: str = "1-5") -> Path:
    path = folder / "flags.cache"
    cache_file.write_private_file(
        path, complete(cache_file.encode_steps(a_snapshot(a_release(number), version=version), SEALER))
    )
    return path


def started(cache: Path | None, bootstrap: Path | None) -> InitialSnapshot:
    return find_initial_snapshot(offline_options(bootstrap, cache_file=cache), SEALER)


def value(beginning: InitialSnapshot) -> object:
    assert beginning.snapshot is not None
    return values_of(beginning.snapshot, {})["release"]


def test_begin__nothing_to_start_from__says_so() -> None:
    assert (started(None, None).snapshot, started(None, None).description) == (None, "there is no snapshot yet")


def test_begin__cache_alone__is_used(tmp_path: Path) -> None:
    path = a_cache(tmp_path, 5)
    beginning = started(path, None)
    assert (value(beginning), beginning.description) == ("v5", f"cache file {path}")


def test_begin__cache_not_there_yet__says_so(tmp_path: Path) -> None:
    assert "does not exist yet" in started(tmp_path / "flags.cache", None).description


@pytest.mark.parametrize(("members", "wanted"), [({}, "v5"), ({"epoch": 1, "version": 9}, "v9")])
def test_begin__both_files__takes_the_newer(tmp_path: Path, members: dict[str, int], wanted: str) -> None:
    bootstrap = a_flag_file(tmp_path, a_release(9), **members)
    assert value(started(a_cache(tmp_path, 5), bootstrap)) == wanted


def test_begin__both_of_one_version__prefers_the_cache(tmp_path: Path) -> None:
    bootstrap = a_flag_file(tmp_path, a_release(9), epoch=1, version=5)
    assert value(started(a_cache(tmp_path, 5), bootstrap)) == "v5"


def test_begin__damaged_cache__is_named_and_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = a_cache(tmp_path, 5)
    path.write_bytes(path.read_bytes()[:-1])
    with caplog.at_level(logging.WARNING):
        beginning = started(path, a_flag_file(tmp_path, a_release(3)))
    assert value(beginning) == "v3"
    assert not path.exists()
    assert (tmp_path / "flags.cache.corrupt").exists()
    assert f"cache file {path} is damaged: its checksum does not match" in caplog.text
    assert "is damaged" in beginning.description


def test_begin__cache_of_another_environment__is_left_alone(tmp_path: Path) -> None:
    path = a_cache(tmp_path, 5)
    staging = offline_options(None, cache_file=path, key=f"fh_server_staging_{'s' * 43}")
    beginning = find_initial_snapshot(staging, SEALER)
    assert beginning.snapshot is None
    assert "holds the environment 'production'" in beginning.description
    assert path.exists()


def test_begin__cache_that_cannot_be_read__is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "flags.cache").mkdir()
    beginning = started(tmp_path / "flags.cache", None)
    assert beginning.snapshot is None
    assert "cannot be read" in beginning.description


def test_begin__bootstrap_file_with_a_fault__names_its_path(tmp_path: Path) -> None:
    flag = a_flag("checkout").on().fallthrough("nowhere")
    beginning = started(None, a_flag_file(tmp_path, flag))
    assert beginning.snapshot is None
    assert "$.flags[0].fallthrough.variation" in beginning.description


@pytest.mark.parametrize("members", [{"version": -1}, {"version": "1"}, {"epoch": True}])
def test_begin__bootstrap_file_with_an_odd_version__names_it(tmp_path: Path, members: dict[str, object]) -> None:
    beginning = started(None, a_flag_file(tmp_path, a_release(1), **members))
    assert f"$.{next(iter(members))}" in beginning.description


def test_begin__two_bootstrap_files_of_no_version__are_told_apart(tmp_path: Path) -> None:
    found = [started(None, a_flag_file(tmp_path, a_release(number))).snapshot for number in (1, 2)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].manifest != found[1].manifest
