"""Running other programs: their output is returned, their failure is a ReleaseFailed with all that they said."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from release.failure import ReleaseFailed

SECONDS = 600


def run(*command: str | Path, cwd: Path, variables: Mapping[str, str] | None = None) -> str:
    """Run a program in a folder and return its output; ``variables`` come on top of a clean environment."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**clean_environment(), **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise ReleaseFailed(f"`{' '.join(words)}` exited with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def clean_environment() -> dict[str, str]:
    """Return this process's environment without what changes where Python looks, and without Flaghoist's settings."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "MYPYPATH")
    return {name: text for name, text in os.environ.items() if name not in hidden and not name.startswith("FLAGHOIST_")}
