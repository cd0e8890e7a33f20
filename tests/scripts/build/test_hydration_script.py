"""The script that pages carry is the one that its sources give, and fits into a page and a Python string."""

from pathlib import Path

import pytest

from flaghoist.hydration.script import SCRIPT
from flaghoist_cli.build import hydration_script
from flaghoist_cli.build.hydration_script import TARGET, main, rendered
from flaghoist_cli.terminal.failure import CommandFailed


def test_script__committed__is_what_its_sources_give() -> None:
    assert TARGET.read_text() == rendered(), "write it anew: .venv/bin/python -m flaghoist_cli.build.hydration_script"


def test_script__size__stays_small_in_every_page() -> None:
    assert len(SCRIPT) < 9_945


def test_script__text__needs_no_escape_inside_an_element() -> None:
    assert SCRIPT.isascii()
    assert "</" not in SCRIPT.replace("</script", "</")
    assert "<!--" not in SCRIPT


def test_main__source_that_ends_the_element__is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "hostile.js"
    source.write_text('globalThis.text = "<!-- ";\n')
    monkeypatch.setattr(hydration_script, "SOURCE", source)
    with pytest.raises(CommandFailed, match="would end it inside a page"):
        rendered()
    assert main(tmp_path / "script.py") == 1
    assert "hydration script: " in capsys.readouterr().err
    assert not (tmp_path / "script.py").exists()


def test_main__source_with_a_fault__is_refused_with_what_esbuild_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "broken.js"
    source.write_text("const = 1;\n")
    monkeypatch.setattr(hydration_script, "SOURCE", source)
    with pytest.raises(CommandFailed, match=r"esbuild cannot bundle broken\.js"):
        rendered()
