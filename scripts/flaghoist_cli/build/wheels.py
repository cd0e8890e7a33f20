"""Vendor the Worker's wheels into ``python_modules/``, from where wrangler uploads them.

Only hashed, pinned wheels of ``requirements/worker.txt`` are used, and only those for the Pyodide that the
compatibility date selects.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from flaghoist_cli.build.pyodide_target import PyodideTarget, fits
from flaghoist_cli.terminal.failure import CommandFailed

STAMP = ".vendored"
AUDIT_PACKAGE = "auditwheel_emscripten"


def _digest(requirements: Path, target: PyodideTarget) -> str:
    return hashlib.sha256(requirements.read_bytes() + repr(target).encode()).hexdigest()


def _download(requirements: Path, target: PyodideTarget, folder: Path) -> None:
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--dest", str(folder), "--no-deps", "--require-hashes", "--only-binary=:all:"),
        *("--platform", target.platform, "--python-version", target.python),
        *("--implementation", "cp", "--abi", target.interpreter, "-r", str(requirements)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        what = f"the Worker's wheels of {requirements.name} for Pyodide {target.version}"
        raise CommandFailed(f"cannot download {what}:\n{done.stderr}")


def check_tags(wheel_names: Iterable[str], target: PyodideTarget) -> None:
    """Raise CommandFailed if a wheel does not fit ``target``."""
    strangers = [name for name in wheel_names if not fits(name, target)]
    if strangers:
        raise CommandFailed(
            f"{', '.join(strangers)} does not run on Pyodide {target.version} "
            f"({target.interpreter}, {target.platform}), which the compatibility_date of wrangler.toml selects: "
            "lock wheels for it in requirements/worker.txt, or change the date"
        )


def audit(modules: Path) -> str:
    """Check that every library that a vendored one needs is vendored; return a sentence about the check."""
    if importlib.util.find_spec(AUDIT_PACKAGE) is None:
        return "wheels not audited (needs Python 3.12, pyodide-build)"
    libraries = importlib.import_module(AUDIT_PACKAGE).show(modules)
    present = {PurePosixPath(name).name for name in libraries}
    missing = {need for needed, _paths in libraries.values() for need in needed} - present
    if missing:
        raise CommandFailed(f"vendored wheels need libraries that are not vendored: {', '.join(sorted(missing))}")
    return f"pyodide auditwheel checked {len(present)} {'library' if len(present) == 1 else 'libraries'}"


def _unpack(wheels: Iterable[Path], modules: Path) -> None:
    shutil.rmtree(modules, ignore_errors=True)
    modules.mkdir(parents=True)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(modules)


def vendor(requirements: Path, target: PyodideTarget, modules: Path, downloads: Path) -> str:
    """Fill ``modules`` with the wheels of ``requirements``; instant if nothing changed. Returns the audit."""
    stamp = downloads / STAMP
    digest = _digest(requirements, target)
    if not (modules.is_dir() and stamp.is_file() and stamp.read_text() == digest):
        shutil.rmtree(downloads, ignore_errors=True)
        downloads.mkdir(parents=True)
        _download(requirements, target, downloads)
        _unpack(sorted(downloads.glob("*.whl")), modules)
        stamp.write_text(digest)
    check_tags((wheel.name for wheel in downloads.glob("*.whl")), target)
    return audit(modules)
