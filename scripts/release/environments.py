"""Empty virtual environments, as users have them: what an installation brings, and what it weighs."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from release.programs import run


class CleanEnvironment:
    """A virtual environment in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.programs / "python"

    @property
    def programs(self) -> Path:
        """The folder of its commands."""
        return self.folder / "bin"

    def install(self, *requirements: str | Path) -> None:
        """Install files and names; what they need comes from the ordinary index, as wheels."""
        self._pip("install", "--quiet", "--only-binary", ":all:", *requirements)

    def run(self, *command: str | Path, cwd: Path | None = None, variables: Mapping[str, str] | None = None) -> str:
        """Run one of its commands, found by name, with its folder first on the path; return the output."""
        path = {"PATH": f"{self.programs}:/usr/local/bin:/usr/bin:/bin"}
        return run("/usr/bin/env", *command, cwd=cwd or self.folder, variables={**path, **(variables or {})})

    def distributions(self) -> list[str]:
        """Return the names of all distributions in it."""
        return [row["name"] for row in json.loads(self._pip("list", "--format=json"))]

    def megabytes(self) -> float:
        """Return what its packages weigh, compiled files included."""
        (packages,) = self.folder.glob("lib/python*/site-packages")
        return weigh(packages) / 1e6

    def _pip(self, *arguments: str | Path) -> str:
        # The pip that runs us installs into it, so that nothing is there but what was asked for.
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", self.python)
        return run(*pip, *arguments, cwd=self.folder)


def weigh(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
