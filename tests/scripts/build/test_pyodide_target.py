"""Which wheels fit which Pyodide, and which Pyodide a compatibility date selects."""

import datetime
from pathlib import Path

import pytest

from flaghoist_cli.build.pyodide_target import PyodideTarget, compatibility_date, fits, target_for
from flaghoist_cli.terminal.failure import CommandFailed

NEW = PyodideTarget("314.0.6", "3.14", "pyemscripten_2026_0_wasm32")


@pytest.mark.parametrize(
    ("date", "python"),
    [("2025-09-29", "3.13"), ("2026-09-30", "3.13"), ("2026-10-01", "3.14"), ("2026-11-01", "3.14")],
)
def test_target_for__date__selects_the_python_of_its_row(date: str, python: str) -> None:
    assert target_for(datetime.date.fromisoformat(date)).python == python


def test_target_for__date_before_the_table__names_the_remedy() -> None:
    with pytest.raises(CommandFailed, match=r"raise it in wrangler\.toml"):
        target_for(datetime.date(2024, 1, 1))


@pytest.mark.parametrize(
    ("wheel", "does_fit"),
    [
        ("msgspec-0.22.0-cp314-cp314-pyemscripten_2026_0_wasm32.whl", True),
        ("stable-1.0-cp311-abi3-pyemscripten_2026_0_wasm32.whl", True),
        ("pure-1.0-py3-none-any.whl", True),
        ("pure-1.0-py2.py3-none-any.whl", True),
        ("numbered-1.0-1-py3-none-any.whl", True),
        ("old-1.0-py2-none-any.whl", False),
        ("msgspec-0.22.0-cp313-cp313-pyodide_2025_0_wasm32.whl", False),
        ("msgspec-0.22.0-cp314-cp314-pyodide_2025_0_wasm32.whl", False),
        ("msgspec-0.22.0-cp313-cp313-pyemscripten_2026_0_wasm32.whl", False),
        ("msgspec-0.22.0-cp314-cp314-manylinux_2_28_x86_64.whl", False),
    ],
)
def test_fits__wheel_name__compares_every_tag(wheel: str, does_fit: bool) -> None:
    assert fits(wheel, NEW) is does_fit


def test_compatibility_date__toml_string__is_read_as_a_date(tmp_path: Path) -> None:
    (tmp_path / "wrangler.toml").write_text('compatibility_date = "2026-11-01"\n')
    assert compatibility_date(tmp_path / "wrangler.toml") == datetime.date(2026, 11, 1)
