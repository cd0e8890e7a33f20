"""Building: a wheel and an sdist of each project, a wheel from the sdist alone, and the npm tarball."""

import shutil
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flaghoist_cli.build.node import environment, node, node_modules, script
from release.failure import ReleaseFailed
from release.programs import run
from release.projects import NPM_FOLDER, Project


@dataclass(frozen=True)
class Built:
    """The two files that a project uploads."""

    wheel: Path
    sdist: Path


def build_project(project: Project, dist: Path) -> Built:
    """Build one project into the folder ``dist``."""
    hatchling(project.path, dist, "sdist", "wheel")
    stem = project.distribution.replace("-", "_")
    return Built(only(dist, f"{stem}-[0-9]*.whl"), only(dist, f"{stem}-[0-9]*.tar.gz"))


def build_from_sdist(sdist: Path, folder: Path) -> Path:
    """Build a wheel from an unpacked sdist, where nothing else of the repository is; return the wheel."""
    with tarfile.open(sdist) as packed:
        packed.extractall(folder, filter="data")
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    hatchling(unpacked, folder, "wheel")
    return only(folder, "*.whl")


def hatchling(folder: Path, dist: Path, *targets: str) -> None:
    """Run the build backend in a project's folder."""
    chosen = [word for target in targets for word in ("-t", target)]
    run(sys.executable, "-m", "hatchling", "build", *chosen, "-d", dist, cwd=folder)


def pack_npm(dist: Path) -> Path:
    """Run ``npm pack``, which compiles the package, on a copy of its sources; return the tarball in ``dist``."""
    npm = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    with TemporaryDirectory() as folder:
        sources = Path(folder) / "sources"
        shutil.copytree(NPM_FOLDER, sources, ignore=shutil.ignore_patterns("dist"))
        (sources / "node_modules").symlink_to(node_modules())
        run(node(), npm, "pack", "--silent", "--pack-destination", dist, cwd=sources, variables=environment())
    return only(dist, "*.tgz")


def lint_npm(tarball: Path) -> None:
    """Let publint look at the tarball: its exports, types and module formats; suggestions fail too."""
    run(node(), script("publint/src/cli.js"), "run", tarball, "--strict", cwd=tarball.parent, variables=environment())


def only(folder: Path, pattern: str) -> Path:
    """Return the one file that matches."""
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ReleaseFailed(f"{folder} holds {len(found)} files like {pattern}, not one: empty it and build again")
    return found[0]
