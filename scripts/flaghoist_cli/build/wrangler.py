"""The only module that starts wrangler: never interactive, no telemetry, failures as exceptions with its own output."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from flaghoist_cli.build import node
from flaghoist_cli.terminal.failure import CommandFailed

TIMEOUT_SECONDS = 600
FOREIGN_PACKAGES = ("flaghoist_origin", "flaghoist_cli", "tests", "flaghoist/sdk")
NOT_UPLOADED = "README.md"
VENDORED_FOLDER = "python_modules"
KIB = 1024

_TOTALS = re.compile(
    r"Total Upload: (?P<raw>[\d.]+) (?P<raw_unit>[KM]iB) / gzip: (?P<gzip>[\d.]+) (?P<gzip_unit>[KM]iB)"
)
_COUNT = re.compile(r"Total \((?P<count>\d+) modules?\)")
_UNITS = {"KiB": KIB, "MiB": KIB * KIB}


class UploadedModule(msgspec.Struct, frozen=True):
    """One uploaded file: its name inside the Worker, "python" or "vendored", its size in bytes."""

    name: str
    kind: str
    bytes: int


class Upload(msgspec.Struct, frozen=True):
    """The upload according to wrangler. The totals are wrangler's own, rounded to hundredths of a KiB."""

    modules: tuple[UploadedModule, ...]
    raw_bytes: int
    gzip_bytes: int


def _environment(root: Path) -> dict[str, str]:
    return node.environment(
        PATH=":".join((str(Path(sys.executable).parent), node.environment()["PATH"])),
        CI="1",
        NO_COLOR="1",
        WRANGLER_SEND_METRICS="false",
        WRANGLER_SEND_ERROR_REPORTS="false",
        WRANGLER_HIDE_BANNER="true",
        WRANGLER_LOG_PATH=str(root / "build" / "wrangler-logs"),
        DO_NOT_TRACK="1",
    )


def run(arguments: Sequence[str], *, root: Path, stdin: str | None = None) -> str:
    """Run wrangler in ``root`` and return its output; raise CommandFailed with that output if it fails."""
    command = [str(node.node()), str(node.script("wrangler/bin/wrangler.js")), *arguments]
    done = subprocess.run(
        command,
        cwd=root,
        env=_environment(root),
        input=stdin if stdin is not None else "",
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise CommandFailed(f"`wrangler {' '.join(arguments)}` failed:\n{done.stdout.strip()}")
    return done.stdout


def _for(environment: str | None) -> tuple[str, str]:
    return ("--env", environment or "")


def _bytes(number: str, unit: str) -> int:
    return round(float(number) * _UNITS[unit])


def _kind(name: str) -> str:
    return "vendored" if name.startswith(f"{VENDORED_FOLDER}/") else "python"


def read_upload(output: str, outdir: Path) -> Upload:
    """Combine a dry run's output (totals) with the files in ``outdir`` (modules); raise if they disagree."""
    totals, count = _TOTALS.search(output), _COUNT.search(output)
    if totals is None or count is None:
        raise CommandFailed(f"wrangler's dry run ended without its totals:\n{output.strip()}")
    files = sorted(path for path in outdir.rglob("*") if path.is_file() and path.name != NOT_UPLOADED)
    names = {path.relative_to(outdir).as_posix(): path.stat().st_size for path in files}
    if len(names) != int(count["count"]) + 1:
        raise CommandFailed(
            f"wrangler lists {count['count']} modules beside the entry, but {outdir.name} holds {len(names)} files"
        )
    return Upload(
        modules=tuple(UploadedModule(name, _kind(name), size) for name, size in names.items()),
        raw_bytes=_bytes(totals["raw"], totals["raw_unit"]),
        gzip_bytes=_bytes(totals["gzip"], totals["gzip_unit"]),
    )


def check_contents(upload: Upload) -> None:
    """Raise CommandFailed if anything but the Worker and its wheels would be uploaded."""
    folders = tuple(f"{name}/" for name in FOREIGN_PACKAGES)
    foreign = [module.name for module in upload.modules if module.name.startswith(folders)]
    if foreign:
        raise CommandFailed(
            f"the Worker's upload holds {', '.join(foreign)}: these do not belong at the edge; see "
            "scripts/flaghoist_cli/build/staging.py"
        )


def dry_run(outdir: Path, *, root: Path, environment: str | None = None) -> Upload:
    """Stage and bundle the Worker into ``outdir`` without uploading it."""
    shutil.rmtree(outdir, ignore_errors=True)
    output = run(("deploy", "--dry-run", "--outdir", str(outdir), *_for(environment)), root=root)
    upload = read_upload(output, outdir)
    check_contents(upload)
    return upload


def deploy(*, root: Path, environment: str | None = None, variables: Mapping[str, str] | None = None) -> str:
    """Upload the Worker and route traffic to it; return wrangler's report."""
    overrides = [part for name, value in (variables or {}).items() for part in ("--var", f"{name}:{value}")]
    return run(("deploy", *_for(environment), *overrides), root=root)


def rollback(*, root: Path, version: str | None = None, message: str, environment: str | None = None) -> str:
    """Restore an earlier version of the Worker: the last one, unless ``version`` is given."""
    which = (version,) if version else ()
    return run(("rollback", *which, "--message", message, "--yes", *_for(environment)), root=root)


def put_secrets(secrets: Mapping[str, str], *, root: Path, environment: str | None = None) -> str:
    """Set secrets of the Worker; they are passed through standard input, never in a command line or a file."""
    return run(("secret", "bulk", *_for(environment)), stdin=json.dumps(dict(secrets)), root=root)
