"""What must hold in an empty environment where one distribution was installed."""

from pathlib import Path

from release.environments import CleanEnvironment
from release.failure import ReleaseFailed
from release.programs import run
from release.projects import ROOT, SDK, Project
from release.readme import first_block

MOST_DISTRIBUTIONS = 15
MOST_MEGABYTES = 45
MOST_IMPORT_RATIO = 1.5
IMPORT_ROUNDS = 9
FOREIGN_FOLDERS = ("shared", "scripts", "origin", "edge_worker", "tests")
FOREIGN_PACKAGE = 'raise ImportError("this package belongs to the user")\n'
IMPORT = "from flaghoist import FlaghoistProvider; print(FlaghoistProvider.__name__)"


def check_weight(environment: CleanEnvironment) -> str:
    """Check what the SDK brings along; return the figures."""
    names, megabytes = environment.distributions(), environment.megabytes()
    if len(names) > MOST_DISTRIBUTIONS:
        raise ReleaseFailed(f"flaghoist brings {len(names)} distributions, more than {MOST_DISTRIBUTIONS}: {names}")
    if megabytes > MOST_MEGABYTES:
        raise ReleaseFailed(f"flaghoist weighs {megabytes:.1f} MB with all it needs, more than {MOST_MEGABYTES}")
    return f"flaghoist: {len(names)} distributions, {megabytes:.1f} MB"


def check_import_elsewhere(environment: CleanEnvironment, folder: Path) -> str:
    """Import the SDK in a folder whose own packages have the names of this repository's folders."""
    for name in FOREIGN_FOLDERS:
        package = folder / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(FOREIGN_PACKAGE, "utf-8")
    environment.run("python", "-c", IMPORT, cwd=folder)
    return f"flaghoist: imports beside packages named {', '.join(FOREIGN_FOLDERS)}"


def check_import_time(environment: CleanEnvironment) -> str:
    """Compare a program that imports the SDK with one that imports `openfeature` and `httpx`; return the ratio.

    What counts is the least processor time of several runs of each, in turn: a busy machine changes that least.
    """
    ours, theirs = [], []
    for _ in range(IMPORT_ROUNDS):
        ours.append(processor_seconds(environment, "from flaghoist import FlaghoistProvider"))
        theirs.append(processor_seconds(environment, "import openfeature.api, openfeature.provider, httpx"))
    ratio = min(ours) / min(theirs)
    if ratio > MOST_IMPORT_RATIO:
        raise ReleaseFailed(f"the import takes {ratio:.2f} times as long as openfeature and httpx do: defer imports")
    return f"flaghoist: imports in {1000 * min(ours):.0f} ms, {ratio:.2f} times openfeature and httpx"


def processor_seconds(environment: CleanEnvironment, statement: str) -> float:
    """Return the processor time of a program with one statement, from its start on."""
    program = f"{statement}; import time; print(time.process_time())"
    return float(run(environment.python, "-c", program, cwd=environment.folder))


def check_types(environment: CleanEnvironment, folder: Path) -> str:
    """Check the README's example with `mypy --strict`, against the installed package."""
    (folder / "example.py").write_text(first_block(SDK.readme, "python"), "utf-8")
    mypy = ROOT / ".venv" / "bin" / "mypy"
    run(mypy, "--strict", "--python-executable", environment.python, "--cache-dir", "cache", "example.py", cwd=folder)
    return "flaghoist: mypy --strict passes on the README's example"


def check_command(environment: CleanEnvironment, project: Project, command: str, version: str) -> str:
    """Start a project's command: it says its version. Without Node in the environment."""
    said = environment.run(command, "--version").strip()
    if version not in said:
        raise ReleaseFailed(f"`{command} --version` says {said!r}, not {version}")
    node = [name for name in environment.distributions() if "node" in name.lower()]
    if node:
        raise ReleaseFailed(f"{project.distribution} brings {', '.join(node)}: it must run without Node")
    return f"{project.distribution}: `{command} --version` says {said!r}; no Node"
