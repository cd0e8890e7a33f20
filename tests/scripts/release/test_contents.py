"""What distributions hold: the built ones are good, and each way of being wrong is found."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from release.contents import check_npm, check_same_wheel, check_sdist, check_wheel, exported_files
from release.failure import ReleaseFailed
from release.projects import PROJECTS, ROOT, SDK, Project

LICENCE = (ROOT / "LICENSE").read_bytes()
INFO = "flaghoist-1.0.0.dist-info"
WHEEL: Mapping[str, bytes] = {
    "flaghoist/__init__.py": b"",
    "flaghoist/py.typed": b"",
    f"{INFO}/METADATA": b"Name: flaghoist\n\n" + SDK.readme.encode(),
    f"{INFO}/licenses/LICENSE": LICENCE,
}
SDIST: Mapping[str, bytes] = {
    "flaghoist/py.typed": b"",
    "README.md": b"",
    "pyproject.toml": b"",
    "LICENSE": LICENCE,
}
NPM: Mapping[str, bytes] = {
    "package.json": b'{"exports": {".": {"types": "./dist/a.d.ts", "default": "./dist/a.js"}}}',
    "dist/a.js": b"",
    "dist/a.d.ts": b"",
    "README.md": b"",
    "LICENSE": LICENCE,
}


def wheel_of(folder: Path, files: Mapping[str, bytes]) -> Path:
    path = folder / "flaghoist-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tar_of(folder: Path, files: Mapping[str, bytes]) -> Path:
    path = folder / "flaghoist-1.0.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"outermost/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def without(files: Mapping[str, bytes], name: str) -> Mapping[str, bytes]:
    return {other: content for other, content in files.items() if other != name}


def test_complete_files__are_accepted(tmp_path: Path) -> None:
    check_wheel(SDK, wheel_of(tmp_path, WHEEL))
    check_sdist(SDK, tar_of(tmp_path, SDIST))
    check_npm(tar_of(tmp_path, NPM))


@pytest.mark.parametrize(
    "name", [name for name in WHEEL if name.startswith("flaghoist/")] + [f"{INFO}/licenses/LICENSE"]
)
def test_wheel__missing_file__is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReleaseFailed, match="lacks"):
        check_wheel(SDK, wheel_of(tmp_path, without(WHEEL, name)))


@pytest.mark.parametrize("name", ["tests/test_a.py", "bench/a.py", "flaghoist/demo/a.py", "shared/a.py", "a.py"])
def test_wheel__foreign_file__is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReleaseFailed, match="must not"):
        check_wheel(SDK, wheel_of(tmp_path, {**WHEEL, name: b""}))


def test_wheel__other_description__is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseFailed, match="description"):
        check_wheel(SDK, wheel_of(tmp_path, {**WHEEL, f"{INFO}/METADATA": b"Name: flaghoist\n\nelse"}))


def test_licence__other_text__is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseFailed, match="not the repository's"):
        check_sdist(SDK, tar_of(tmp_path, {**SDIST, "LICENSE": b"All rights reserved."}))


@pytest.mark.parametrize("name", SDIST)
def test_sdist__missing_file__is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReleaseFailed, match="lacks"):
        check_sdist(SDK, tar_of(tmp_path, without(SDIST, name)))


@pytest.mark.parametrize("name", ["dist/a.js", "dist/a.d.ts", "README.md", "LICENSE"])
def test_npm__missing_file__is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReleaseFailed, match="lacks"):
        check_npm(tar_of(tmp_path, without(NPM, name)))


def test_npm__sources__are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseFailed, match="must not"):
        check_npm(tar_of(tmp_path, {**NPM, "src/a.ts": b""}))


def test_rebuilt_wheel__different_file__is_named(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    rebuilt = wheel_of(other, {**WHEEL, "flaghoist/__init__.py": b"changed"})
    with pytest.raises(ReleaseFailed, match="differs in flaghoist/__init__"):
        check_same_wheel(wheel_of(tmp_path, WHEEL), rebuilt)


def test_exports__nested__are_all_found() -> None:
    exports = {"exports": {".": {"node": {"types": "./a.d.ts"}, "default": "./a.js"}, "./b": "./b.js"}}
    assert set(exported_files(exports)) == {"a.d.ts", "a.js", "b.js"}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.distribution)
def test_project__licence__is_a_file_of_its_own(project: Project) -> None:
    path = project.path / "LICENSE"
    assert not path.is_symlink(), "an sdist would hold a link that leads nowhere"
    assert path.read_bytes() == LICENCE
