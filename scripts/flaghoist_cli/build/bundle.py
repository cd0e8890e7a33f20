"""Build the Worker's bundle, but only if its inputs changed."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from flaghoist_cli.build import staging, wrangler
from flaghoist_cli.installation.checkout import checkout

OTHER_INPUTS = (
    *("wrangler.toml", "package-lock.json", "requirements/worker.txt"),
    *(
        "scripts/flaghoist_cli/build/staging.py",
        "scripts/flaghoist_cli/build/wheels.py",
        "scripts/flaghoist_cli/build/pyodide_target.py",
    ),
)


DIGEST_LENGTH = 16
KEPT_BUNDLES = 3


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def inputs_digest(root: Path, environment: str | None = None) -> str:
    """Return a digest of every file that affects the bundle."""
    digest = hashlib.sha256((environment or "").encode())
    files = [*staging.worker_sources(root).values(), *(root / name for name in OTHER_INPUTS)]
    for path in files:
        digest.update(f"\n{path.relative_to(root)} ".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _earlier(record: Path, folder: Path) -> wrangler.Upload | None:
    if not (record.is_file() and folder.is_dir()):
        return None
    try:
        return msgspec.json.decode(record.read_bytes(), type=wrangler.Upload)
    except msgspec.MsgspecError:
        return None


def _point(outdir: Path, folder: Path) -> None:
    """Make ``outdir`` a link to ``folder`` in one step, so that nobody ever reads half of a bundle."""
    if outdir.is_dir() and not outdir.is_symlink():
        shutil.rmtree(outdir)
    draft = outdir.with_name(f"{outdir.name}.link")
    draft.unlink(missing_ok=True)
    draft.symlink_to(folder.name)
    draft.replace(outdir)
    folder.touch()


def _forget_old(outdir: Path) -> None:
    folders = [path for path in outdir.parent.glob(f"{outdir.name}-{'[0-9a-f]' * DIGEST_LENGTH}") if path.is_dir()]
    for folder in sorted(folders, key=lambda path: path.stat().st_mtime)[:-KEPT_BUNDLES]:
        shutil.rmtree(folder)
        folder.with_suffix(".json").unlink(missing_ok=True)


def default_outdir() -> Path:
    """Return where the bundle of the local stack is."""
    return checkout() / "build" / "dist"


def build_bundle(
    outdir: Path | None = None, *, environment: str | None = None, root: Path | None = None
) -> wrangler.Upload:
    """Stage the Worker and let wrangler bundle it; instant if nothing changed.

    ``outdir`` becomes a link to a folder that is named after its inputs and never changes, so a bundle can be read
    while the next one is built. Processes that build at the same time wait for each other. ``root`` is the folder of
    the project, by default this checkout.
    """
    root, outdir = root or checkout(), outdir or default_outdir()
    with _alone(root / "build" / "bundle.lock"):
        digest = inputs_digest(root, environment)
        folder = outdir.with_name(f"{outdir.name}-{digest[:DIGEST_LENGTH]}")
        record = folder.with_suffix(".json")
        upload = _earlier(record, folder)
        if upload is None:
            upload = wrangler.dry_run(folder, environment=environment, root=root)
            # If sources changed meanwhile, the bundle is a mix: use it now, but do not cache it under this digest.
            if inputs_digest(root, environment) == digest:
                record.write_bytes(msgspec.json.encode(upload))
        _point(outdir, folder)
        _forget_old(outdir)
    return upload
