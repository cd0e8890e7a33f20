"""What the dry run's listing means, what must not be in an upload, and how wrangler's failures arrive."""

from pathlib import Path

import pytest

from flaghoist_cli.build import wrangler
from flaghoist_cli.build.bundle import build_bundle
from flaghoist_cli.build.wrangler import Upload, UploadedModule
from flaghoist_cli.terminal.failure import CommandFailed
from tests.project import ROOT

LISTING = """
│ edge_worker/app.py      │ python │ 0.01 KiB   │
│ Vendored Modules        │        │ 468.14 KiB │
│ Total (2 modules)       │        │ 468.15 KiB │
Total Upload: 468.25 KiB / gzip: 1.50 MiB
"""


@pytest.fixture
def outdir(tmp_path: Path) -> Path:
    """What a dry run writes: two modules, the entry and wrangler's note."""
    for name in ("entry.py", "edge_worker/app.py", "python_modules/msgspec/__init__.py", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_read_upload__listing_and_files__gives_modules_with_exact_sizes(outdir: Path) -> None:
    assert wrangler.read_upload(LISTING, outdir) == Upload(
        modules=(
            UploadedModule("edge_worker/app.py", "python", 18),
            UploadedModule("entry.py", "python", 8),
            UploadedModule("python_modules/msgspec/__init__.py", "vendored", 34),
        ),
        raw_bytes=479488,
        gzip_bytes=1572864,
    )


def test_read_upload__file_that_is_not_listed__is_refused(outdir: Path) -> None:
    (outdir / "stray.py").write_text("")
    with pytest.raises(CommandFailed, match="lists 2 modules beside the entry"):
        wrangler.read_upload(LISTING, outdir)


def test_read_upload__output_without_totals__shows_it(outdir: Path) -> None:
    with pytest.raises(CommandFailed, match=r"(?s)without its totals.*something else"):
        wrangler.read_upload("something else", outdir)


@pytest.mark.parametrize(
    "name", ["flaghoist_origin/app.py", "flaghoist_cli/root.py", "tests/test_a.py", "flaghoist/sdk/client.py"]
)
def test_check_contents__foreign_module__is_refused_by_name(name: str) -> None:
    with pytest.raises(CommandFailed, match=name):
        wrangler.check_contents(Upload((UploadedModule(name, "python", 1),), 1, 1))


def test_run__failure__raises_with_wranglers_own_output() -> None:
    with pytest.raises(CommandFailed, match=r"(?s)`wrangler deploy --no-such-flag` failed:.*[Uu]nknown argument"):
        wrangler.run(("deploy", "--no-such-flag"), root=ROOT)


def test_build_bundle__the_real_worker__fits_the_free_plan() -> None:
    upload = build_bundle()
    wrangler.check_contents(upload)
    assert {"entry.py", "flaghoist/model/bucketing.py", "python_modules/workers/__init__.py"} <= {
        m.name for m in upload.modules
    }
    assert upload.gzip_bytes < 3 * 1024 * 1024
