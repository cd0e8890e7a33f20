"""The command ``flaghoist-origin``: its version and help, and what it installs."""

import subprocess
import sys
from importlib.metadata import entry_points, requires
from pathlib import Path

import pytest

from flaghoist.version import VERSION
from flaghoist_origin.server import main

COMMANDS = ([str(Path(sys.executable).with_name("flaghoist-origin"))], [sys.executable, "-m", "flaghoist_origin"])
every_way = pytest.mark.parametrize("command", COMMANDS, ids=["console script", "module"])


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={}, check=False)


@every_way
def test_version__asked_for__the_distributions(command: list[str]) -> None:
    done = run(*command, "--version")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"flaghoist-origin {VERSION}\n", "")


@every_way
def test_help__asked_for__names_where_settings_are_documented(command: list[str]) -> None:
    done = run(*command, "--help")

    assert done.returncode == 0
    assert "Settings are environment variables" in done.stdout
    assert "docs/settings.md" in done.stdout


@every_way
def test_argument__unknown__refused_before_settings_are_read(command: list[str]) -> None:
    done = run(*command, "--port", "80")

    assert done.returncode == 2
    assert "unrecognized arguments: --port 80" in done.stderr


@every_way
def test_command__without_arguments__reads_settings_and_runs(command: list[str]) -> None:
    done = run(*command)

    assert done.returncode == 2
    assert done.stderr.startswith("FLAGHOIST_SECRET: ")


def test_console_script__is_the_server() -> None:
    (script,) = entry_points(group="console_scripts", name="flaghoist-origin")

    assert script.load() is main


def test_distribution__requirements__bring_no_node() -> None:
    assert not [name for name in requires("flaghoist-origin") or () if name.lower().startswith("node")]
