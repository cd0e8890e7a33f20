"""Check the tools: Python, Node.js, the npm packages, and that the vendored wheels fit the Python of the Worker."""

import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from flaghoist_cli.build.node import node
from flaghoist_cli.build.pyodide_target import compatibility_date, target_for
from flaghoist_cli.build.wheels import check_tags
from flaghoist_cli.diagnosis.finding import Finding
from flaghoist_cli.installation.checkout import find_checkout
from flaghoist_cli.terminal.failure import CommandFailed

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 22
SETUP = "run `make setup`"
PACKAGES: Mapping[str, str] = {
    "wrangler": "deploys the Worker",
    "miniflare": "runs it on this machine",
    "workerd": "Cloudflare's runtime",
    "pyodide": "Python inside it",
}


class _Package(msgspec.Struct):
    version: str


def check_tools() -> Iterator[Finding]:
    """Yield one finding per tool; those that build and run the Worker are looked at where there is a checkout."""
    yield _python()
    root = find_checkout()
    if root is None:
        yield Finding("checkout", "ok", "none here; only `flaghoist dev`, `deploy` and `bench` need one")
        return
    yield _node()
    for name, purpose in PACKAGES.items():
        yield _npm_package(root / "node_modules" / name, purpose)
    yield _wheels(root)
    yield _pyodide_build()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Finding(
            "python", "fail", f"{version} is too old", "use Python 3.11 or newer: `make setup PYTHON=python3.14`"
        )
    return Finding("python", "ok", version)


def _node() -> Finding:
    try:
        done = subprocess.run([node(), "--version"], capture_output=True, text=True, check=True, timeout=10)
    except CommandFailed:
        return Finding("node", "fail", "not installed", SETUP)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("node", "fail", f"does not start ({error})", SETUP)
    version = done.stdout.strip().removeprefix("v")
    if int(re.split(r"\D", version)[0] or 0) < OLDEST_NODE:
        return Finding("node", "fail", f"{version} is older than wrangler needs ({OLDEST_NODE})", SETUP)
    return Finding("node", "ok", version)


def _npm_package(folder: Path, purpose: str) -> Finding:
    try:
        version = msgspec.json.decode((folder / "package.json").read_bytes(), type=_Package).version
    except (OSError, msgspec.MsgspecError):
        return Finding(folder.name, "fail", f"not installed ({purpose})", SETUP)
    return Finding(folder.name, "ok", f"{version} ({purpose})")


def _wheels(root: Path) -> Finding:
    try:
        date = compatibility_date(root / "wrangler.toml")
        target = target_for(date)
        names = [wheel.name for wheel in (root / "build" / "wheels").glob("*.whl")]
        check_tags(names, target)
    except CommandFailed as error:
        return Finding("worker wheels", "fail", str(error), "see docs/deploy.md, or lock other wheels")
    except OSError as error:
        return Finding(
            "worker wheels", "fail", f"wrangler.toml cannot be read ({error.strerror})", "run this in the project"
        )
    says = f"compatibility date {date} selects Pyodide {target.version} (Python {target.python})"
    if not names:
        return Finding(
            "worker wheels", "warn", f"{says}; no wheels are vendored yet", "run `flaghoist deploy --dry-run`"
        )
    return Finding("worker wheels", "ok", f"{says}; {len(names)} wheels fit it")


def _pyodide_build() -> Finding:
    try:
        return Finding("pyodide-build", "ok", f"{importlib.metadata.version('pyodide-build')}: wheels are audited")
    except importlib.metadata.PackageNotFoundError:
        why = "skipped: it needs Python 3.12" if sys.version_info < (3, 12) else "not installed"
        return Finding(
            "pyodide-build", "warn", f"{why}; wheels are not audited", "use Python 3.12 or newer, then `make setup`"
        )
