"""What lies in a wheel, an sdist and the npm tarball, and what must or must not."""

import json
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from release.failure import ReleaseFailed
from release.projects import ROOT, Project

NEVER = {"tests", "bench", "demo", "release", "node_modules", "__pycache__"}
"""Folders that no distribution holds."""


def check_wheel(project: Project, wheel: Path) -> None:
    """Check the files of a wheel: one import package, typed, with licence and README; else raise ReleaseFailed."""
    files = read_wheel(wheel)
    (info,) = {name.partition("/")[0] for name in files if ".dist-info/" in name}
    refuse(wheel, files, foreign_names(files, {project.package, info}))
    require(wheel, files, f"{project.package}/__init__.py", f"{project.package}/py.typed")
    check_licence(wheel, files, f"{info}/licenses/LICENSE")
    description = files[f"{info}/METADATA"].partition(b"\n\n")[2]
    if description.strip() != project.readme.encode().strip():
        raise ReleaseFailed(f"{wheel.name}: its description is not {project.folder}/README.md")


def check_sdist(project: Project, sdist: Path) -> None:
    """Check the files of an sdist, which holds what a build needs and no more; else raise ReleaseFailed."""
    files = read_tar(sdist)
    allowed = {project.package, "PKG-INFO", "README.md", "LICENSE", "pyproject.toml", ".gitignore"}
    refuse(sdist, files, foreign_names(files, allowed))
    require(sdist, files, "README.md", "pyproject.toml", f"{project.package}/py.typed")
    check_licence(sdist, files, "LICENSE")


def check_npm(tarball: Path) -> None:
    """Check the files of the npm tarball: compiled code with its types, licence, README; else raise ReleaseFailed."""
    files = read_tar(tarball)
    refuse(tarball, files, foreign_names(files, {"dist", "package.json", "README.md", "LICENSE"}))
    require(tarball, files, "README.md", *exported_files(json.loads(files["package.json"])))
    check_licence(tarball, files, "LICENSE")


def check_same_wheel(wheel: Path, rebuilt: Path) -> None:
    """Compare a wheel with the one built from the sdist alone, file by file."""
    one, other = read_wheel(wheel), read_wheel(rebuilt)
    different = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    if different:
        raise ReleaseFailed(f"{wheel.name}: built from its sdist it differs in {', '.join(different)}")


def read_wheel(path: Path) -> dict[str, bytes]:
    """Return the files of a wheel by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def read_tar(path: Path) -> dict[str, bytes]:
    """Return the plain files of a tarball by name, without its outermost folder."""
    files = {}
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                files[str(PurePosixPath(*PurePosixPath(member.name).parts[1:]))] = content.read()
    return files


def foreign_names(names: Iterable[str], allowed: set[str]) -> Iterator[str]:
    """Yield the names that lie in none of the allowed top-level entries, or in a folder that is never packed."""
    for name in names:
        parts = PurePosixPath(name).parts
        if parts[0] not in allowed or NEVER & set(parts):
            yield name


def exported_files(package: Mapping[str, object]) -> Iterator[str]:
    """Yield every file that a package.json exports."""
    waiting: list[object] = [package.get("exports")]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            waiting += entry.values()
        elif isinstance(entry, str):
            yield entry.removeprefix("./")


def require(path: Path, files: Mapping[str, bytes], *names: str) -> None:
    """Raise ReleaseFailed if a file is missing."""
    missing = [name for name in names if name not in files]
    if missing:
        raise ReleaseFailed(f"{path.name} lacks {', '.join(missing)}")


def refuse(path: Path, files: Mapping[str, bytes], foreign: Iterable[str]) -> None:
    """Raise ReleaseFailed if there is a file that does not belong there."""
    found = sorted(foreign)
    if found:
        raise ReleaseFailed(f"{path.name} holds {len(found)} of {len(files)} files that it must not: {found[0]}, …")


def check_licence(path: Path, files: Mapping[str, bytes], name: str) -> None:
    """Raise ReleaseFailed if the licence is missing or is not the repository's."""
    require(path, files, name)
    if files[name] != (ROOT / "LICENSE").read_bytes():
        raise ReleaseFailed(f"{path.name}: {name} is not the repository's LICENSE")
