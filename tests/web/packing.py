"""The npm package as users get it: packed as for the registry, and installed into a project in a temporary folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flaghoist_cli.build.node import environment, node, node_modules, script

PACKAGE = Path(__file__).parents[2] / "shared" / "web"
SECONDS = 120


def run_node(*arguments: str | Path, cwd: Path, told: str = "") -> str:
    """Run node with ``told`` as its input and return what it prints; fail with all that it says."""
    done = subprocess.run(
        [str(node()), *map(str, arguments)],
        cwd=cwd,
        env=environment(),
        input=told,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pack(folder: Path) -> Path:
    """Run ``npm pack``, which builds the package, on a copy of its sources; return the tarball in ``folder``."""
    sources = folder / "sources"
    shutil.copytree(PACKAGE, sources, ignore=shutil.ignore_patterns("dist"))
    (sources / "node_modules").symlink_to(node_modules())
    run_node(npm_script(), "pack", "--silent", "--pack-destination", folder, cwd=sources)
    (tarball,) = folder.glob("*.tgz")
    return tarball


@cache
def npm_script() -> str:
    """Return the npm that came with our node."""
    return str(node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def install(tarball: Path, project: Path) -> Path:
    """Unpack the tarball as a project's ``flaghoist``, beside links to the packages of the repository."""
    modules = project / "node_modules"
    modules.mkdir(parents=True)
    for name in os.listdir(node_modules()):
        if not name.startswith(".") and name != "flaghoist":
            (modules / name).symlink_to(node_modules() / name)
    with tarfile.open(tarball) as packed:
        packed.extractall(modules, filter="data")
    return (modules / "package").rename(modules / "flaghoist")


def install_with_npm(tarball: Path, project: Path) -> None:
    """Install the tarball with npm, as its users do; it needs nothing from a registry."""
    project.mkdir(exist_ok=True)
    (project / "package.json").write_text('{"name": "fresh", "private": true, "type": "module"}')
    options = ("--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
    run_node(npm_script(), "install", *options, tarball, cwd=project)


def build_with_vite(project: Path, **variables: str) -> Path:
    """Build a project with Vite, without any configuration; return the folder of the finished site."""
    (project / ".env").write_text("".join(f"{name}={text}\n" for name, text in variables.items()))
    run_node(script("vite/bin/vite.js"), "build", "--logLevel", "warn", cwd=project)
    return project / "dist"


def write_project(project: Path, files: Mapping[str, str]) -> None:
    """Write a project's files, each by its path."""
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def compile_strictly(project: Path, options: Mapping[str, object]) -> None:
    """Compile all TypeScript of a project with ``tsc --strict``; fail with what the compiler says."""
    settings = {"strict": True, "noEmit": True, "types": [], **options}
    (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": settings, "include": ["*.ts"]}))
    run_node(script("typescript/bin/tsc"), "--project", "tsconfig.json", cwd=project)
