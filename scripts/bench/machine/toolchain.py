"""Install the other services from lock files into ``build/bench/`` only."""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from flaghoist_cli.build import node
from flaghoist_cli.terminal.failure import CommandFailed

HERE = Path(__file__).resolve().parents[1]
ROOT = HERE.parents[1]
"""The checkout that this benchmark belongs to; no wheel holds it."""
FOLDER = ROOT / "build" / "bench"
JS = HERE / "js"
NODE_FOLDER = FOLDER / "node"
WORKERS_FOLDER = FOLDER / "workers"
NODE_SERVER = WORKERS_FOLDER / "servers" / "node.cjs"
PYTHON_FOLDER = FOLDER / "venv"
PYTHON = PYTHON_FOLDER / "bin" / "python"
PYTHON_LOCK = ROOT / "requirements" / "bench.txt"

_OUR_PROJECTS = ("shared", "origin", "scripts")
_STAMP = ".installed"
_NODE_FILES = (HERE / "package.json", HERE / "package-lock.json", ROOT / ".npmrc")
_BUNDLING = ("--bundle", "--log-level=error", '--define:process.env.NODE_ENV="production"')
_FOR_WORKERD = (
    *("--format=esm", "--conditions=workerd,worker,browser,import", f"--outdir={WORKERS_FOLDER}"),
    *("--external:node:*", "--external:cloudflare:*", "--alias:events=node:events", "--alias:crypto=node:crypto"),
    "--out-extension:.js=.mjs",
)
_FOR_NODE = ("--format=cjs", "--platform=node", f"--outfile={NODE_SERVER}")


def prepare_workers() -> None:
    """Install the JavaScript peers and bundle a Worker of each, and a Node server; instant if nothing changed."""
    if _is_stale(NODE_FOLDER, _NODE_FILES):
        NODE_FOLDER.mkdir(parents=True, exist_ok=True)
        for file in _NODE_FILES:
            shutil.copyfile(file, NODE_FOLDER / file.name)
        npm = node.node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _run([str(node.node()), str(npm), "ci", "--ignore-scripts", "--loglevel=error"], NODE_FOLDER)
        _mark(NODE_FOLDER, _NODE_FILES)
    sources = sorted(JS.rglob("*.mjs"))
    if _is_stale(WORKERS_FOLDER, [*_NODE_FILES, *sources]):
        entries = [str(path) for path in sources if path.parent.name == "workers"]
        esbuild = str(NODE_FOLDER / "node_modules" / "esbuild" / "bin" / "esbuild")
        _run([str(node.node()), esbuild, *entries, *_BUNDLING, *_FOR_WORKERD], ROOT)
        _run([str(node.node()), esbuild, str(JS / "servers" / "node.mjs"), *_BUNDLING, *_FOR_NODE], ROOT)
        _mark(WORKERS_FOLDER, [*_NODE_FILES, *sources])


def prepare_python() -> None:
    """Install the Python peers into a separate virtual environment; instant if nothing changed."""
    if _is_stale(PYTHON_FOLDER, [PYTHON_LOCK]):
        _run([sys.executable, "-m", "venv", "--clear", str(PYTHON_FOLDER)], ROOT)
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        _run([*pip, "-r", str(PYTHON_LOCK)], ROOT)
        _mark(PYTHON_FOLDER, [PYTHON_LOCK])
    _lend_our_packages()


def _lend_our_packages() -> None:
    """Let that environment import Flaghoist and its dependencies, after its own packages."""
    (packages,) = PYTHON_FOLDER.glob("lib/python*/site-packages")
    lent = (Path(sysconfig.get_path("purelib")), *(ROOT / name for name in _OUR_PROJECTS))
    (packages / "flaghoist-bench.pth").write_text("".join(f"{folder}\n" for folder in lent))


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\n" + file.read_bytes())
    return digest.hexdigest()


def _is_stale(folder: Path, files: Sequence[Path]) -> bool:
    stamp = folder / _STAMP
    return not stamp.is_file() or stamp.read_text() != _digest(files)


def _mark(folder: Path, files: Sequence[Path]) -> None:
    (folder / _STAMP).write_text(_digest(files))


def _run(command: Sequence[str], folder: Path) -> None:
    environ = node.environment(NODE_PATH=str(NODE_FOLDER / "node_modules"))
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shown = os.linesep.join(part for part in (done.stdout, done.stderr) if part)
        raise CommandFailed(f"what `make bench` measures against cannot be installed:\n{shown}")
