"""Where the checkout is, for an installation from one and for one from a wheel."""

from pathlib import Path

import pytest

from flaghoist_cli.installation import checkout
from flaghoist_cli.terminal.failure import CommandFailed
from tests.project import ROOT


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that commands are run in, and in no checkout either, an installation from a wheel."""
    folder = tmp_path / "project" / "deep" / "folder"
    folder.mkdir(parents=True)
    monkeypatch.setattr(checkout, "_OWN", tmp_path / "site-packages")
    monkeypatch.chdir(folder)
    return folder


def test_checkout__installed_from_it__is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert checkout.checkout() == ROOT


def test_checkout__installed_from_a_wheel__is_the_one_around_the_current_folder(wheel: Path) -> None:
    root = wheel.parents[1]
    (root / "wrangler.toml").write_text("")
    (root / "edge_worker").mkdir()
    assert checkout.find_checkout() == root


def test_checkout__folder_of_another_worker__is_none(wheel: Path) -> None:
    (wheel / "wrangler.toml").write_text("")
    assert checkout.find_checkout() is None


def test_checkout__nowhere__says_what_to_run(wheel: Path) -> None:
    with pytest.raises(CommandFailed, match=r"`flaghoist dev` runs from a checkout.*git clone .* && make run`$"):
        checkout.checkout("`flaghoist dev`", run="make run")
