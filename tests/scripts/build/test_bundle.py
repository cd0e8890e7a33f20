"""When the bundle is built anew, and what readers of the one before it see."""

from pathlib import Path

import msgspec
import pytest

from flaghoist_cli.build import bundle
from flaghoist_cli.build.wrangler import Upload, UploadedModule
from flaghoist_cli.terminal.failure import CommandFailed

ENTRY = "edge_worker/flaghoist_edge/entry.py"
IMPORTED = "shared/flaghoist/version.py"
INPUTS = (ENTRY, IMPORTED, *bundle.OTHER_INPUTS)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that a dry run was asked to fill, in a project of empty files."""
    for name in INPUTS:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import flaghoist.version\n" if name == ENTRY else "")
    folders: list[Path] = []

    def dry_run(outdir: Path, **_options: object) -> Upload:
        outdir.mkdir()
        (outdir / "entry.py").write_text(f"build {len(folders)}")
        folders.append(outdir)
        return Upload((UploadedModule("entry.py", "python", 7),), 7, len(folders))

    monkeypatch.setattr("flaghoist_cli.build.wrangler.dry_run", dry_run)
    return folders


def test_build_bundle__unchanged_inputs__builds_once_and_returns_the_same(tmp_path: Path, built: list[Path]) -> None:
    first = bundle.build_bundle(tmp_path / "build" / "dist", root=tmp_path)
    second = bundle.build_bundle(tmp_path / "build" / "dist", root=tmp_path)
    assert first == second
    assert len(built) == 1


@pytest.mark.parametrize("name", INPUTS)
def test_build_bundle__any_input_changed__builds_again(tmp_path: Path, built: list[Path], name: str) -> None:
    outdir = tmp_path / "build" / "dist"
    bundle.build_bundle(outdir, root=tmp_path)
    (tmp_path / name).write_text("changed")
    bundle.build_bundle(outdir, root=tmp_path)
    assert len(built) == 2
    assert (outdir / "entry.py").read_text() == "build 1"


def test_build_bundle__new_build__leaves_the_one_before_to_its_readers(tmp_path: Path, built: list[Path]) -> None:
    outdir = tmp_path / "build" / "dist"
    bundle.build_bundle(outdir, root=tmp_path)
    reader = outdir.resolve()
    (tmp_path / IMPORTED).write_text("changed")
    bundle.build_bundle(outdir, root=tmp_path)
    assert (reader / "entry.py").read_text() == "build 0"
    assert outdir.resolve() == built[1]


def test_build_bundle__many_builds__keeps_the_last_few(tmp_path: Path, built: list[Path]) -> None:
    outdir = tmp_path / "build" / "dist"
    for number in range(5):
        (tmp_path / IMPORTED).write_text(str(number))
        bundle.build_bundle(outdir, root=tmp_path)
    assert sum(folder.exists() for folder in built) == bundle.KEPT_BUNDLES
    assert built[-1].exists()


def test_build_bundle__damaged_record__builds_again(tmp_path: Path, built: list[Path]) -> None:
    outdir = tmp_path / "build" / "dist"
    bundle.build_bundle(outdir, root=tmp_path)
    record = built[0].with_suffix(".json")
    record.write_text("{")
    built[0].rename(tmp_path / "away")
    bundle.build_bundle(outdir, root=tmp_path)
    assert len(built) == 2
    assert msgspec.json.decode(record.read_bytes(), type=Upload).gzip_bytes == 2


def test_build_bundle__failing_build__keeps_the_old_link(
    tmp_path: Path, built: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    outdir = tmp_path / "build" / "dist"
    bundle.build_bundle(outdir, root=tmp_path)

    def fail(*_arguments: object, **_options: object) -> Upload:
        raise CommandFailed("it does not build")

    monkeypatch.setattr("flaghoist_cli.build.wrangler.dry_run", fail)
    (tmp_path / IMPORTED).write_text("changed")
    with pytest.raises(CommandFailed):
        bundle.build_bundle(outdir, root=tmp_path)
    assert outdir.resolve() == built[0]
