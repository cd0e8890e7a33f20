"""What the staging lays out for wrangler, what it leaves out, and what it refuses."""

from pathlib import Path, PurePosixPath

import pytest

from flaghoist_cli.build import staging
from flaghoist_cli.build.pyodide_target import PyodideTarget
from flaghoist_cli.build.wheels import check_tags, vendor
from flaghoist_cli.terminal.failure import CommandFailed
from tests.project import ROOT

TARGET = PyodideTarget("314.0.6", "3.14", "pyemscripten_2026_0_wasm32")

FILES = {
    "edge_worker/flaghoist_edge/__init__.py": "",
    "edge_worker/flaghoist_edge/entry.py": "from flaghoist_edge.routes import routes\n",
    "edge_worker/flaghoist_edge/routes.py": "import flaghoist.engine\n\nroutes = ()\n",
    "edge_worker/flaghoist_edge/unused.py": "",
    "shared/flaghoist/__init__.py": "if TYPE_CHECKING:\n    from flaghoist import sdk\n",
    "shared/flaghoist/engine/__init__.py": "from flaghoist.engine import engine\n",
    "shared/flaghoist/engine/engine.py": "from flaghoist.model import flags\n",
    "shared/flaghoist/engine/test_engine.py": "",
    "shared/flaghoist/model/__init__.py": "",
    "shared/flaghoist/model/flags.py": "",
    "shared/flaghoist/sdk/__init__.py": "",
    "shared/flaghoist/__pycache__/stale.py": "",
    "origin/flaghoist_origin/app.py": "",
    "wrangler.toml": 'compatibility_date = "2026-11-01"\n',
    "requirements/worker.txt": "",
}
STAGED = {
    "entry.py",
    "flaghoist_edge/__init__.py",
    "flaghoist_edge/routes.py",
    "flaghoist/__init__.py",
    "flaghoist/engine/__init__.py",
    "flaghoist/engine/engine.py",
    "flaghoist/model/__init__.py",
    "flaghoist/model/flags.py",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of a few files, whose wheels are there already."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(staging, "vendor", lambda *_arguments: "no wheels here")
    return tmp_path


def staged_names(project: Path) -> set[str]:
    """Return the files below build/worker, relative to it."""
    folder = project / "build" / "worker"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_stage__project__lays_out_the_entry_on_top_and_its_packages(project: Path) -> None:
    staged = staging.stage(project)
    assert staged_names(project) == STAGED == {module.name for module in staged.modules}
    assert staged.audit == "no wheels here"


def test_stage__twice__writes_nothing_again(project: Path) -> None:
    staging.stage(project)
    before = {name: (project / "build/worker" / name).stat().st_mtime_ns for name in STAGED}
    staging.stage(project)
    assert {name: (project / "build/worker" / name).stat().st_mtime_ns for name in STAGED} == before


def test_stage__changed_and_removed_sources__are_followed(project: Path) -> None:
    staging.stage(project)
    (project / "edge_worker/flaghoist_edge/routes.py").write_text("import flaghoist.engine\n\nroutes = (1,)\n")
    (project / "shared/flaghoist/engine/__init__.py").write_text("")
    (project / "shared/flaghoist/model/flags.py").unlink()
    staging.stage(project)
    gone = {"flaghoist/engine/engine.py", "flaghoist/model/__init__.py", "flaghoist/model/flags.py"}
    assert staged_names(project) == STAGED - gone
    assert (project / "build/worker/flaghoist_edge/routes.py").read_text().endswith("routes = (1,)\n")
    assert not (project / "build/worker/flaghoist/model").exists()


def test_stage__entry_with_relative_import__is_refused_with_its_line(project: Path) -> None:
    (project / "edge_worker/flaghoist_edge/entry.py").write_text('"""Entry."""\n\nfrom .routes import routes\n')
    with pytest.raises(
        CommandFailed, match=r"edge_worker/flaghoist_edge/entry\.py:3 imports relatively.*absolute imports"
    ):
        staging.stage(project)


def test_stage__no_entry__is_refused(project: Path) -> None:
    (project / "edge_worker/flaghoist_edge/entry.py").unlink()
    with pytest.raises(CommandFailed, match=r"edge_worker/flaghoist_edge/entry\.py does not exist"):
        staging.stage(project)


def test_worker_sources__the_real_project__holds_no_foreign_package() -> None:
    sources = staging.worker_sources(ROOT)
    assert PurePosixPath("entry.py") in sources
    assert {name.parts[0] for name in sources} == {"entry.py", "flaghoist_edge", "flaghoist"}
    assert not [name for name in sources if name.is_relative_to("flaghoist/sdk")]


def test_check_tags__wheel_of_another_pyodide__names_wheel_and_remedy() -> None:
    with pytest.raises(CommandFailed, match=r"cp313.*does not run on Pyodide 314.*requirements/worker\.txt"):
        check_tags(["msgspec-0.22.0-cp313-cp313-pyodide_2025_0_wasm32.whl"], TARGET)


def test_vendor__requirement_without_hash__is_refused(tmp_path: Path) -> None:
    requirements = tmp_path / "worker.txt"
    requirements.write_text("msgspec==0.22.0\n")
    with pytest.raises(CommandFailed, match="cannot download the Worker's wheels"):
        vendor(requirements, TARGET, tmp_path / "python_modules", tmp_path / "wheels")
    assert not (tmp_path / "python_modules").exists()


def test_vendor__real_lock__unpacks_wheels_for_the_target(tmp_path: Path) -> None:
    requirements = ROOT / "requirements" / "worker.txt"
    vendor(requirements, TARGET, tmp_path / "python_modules", tmp_path / "wheels")
    assert (tmp_path / "python_modules/msgspec/_core.cpython-314-wasm32-emscripten.so").is_file()
    assert (tmp_path / "python_modules/workers/__init__.py").is_file()


def test_vendor__nothing_changed__starts_no_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = ROOT / "requirements" / "worker.txt"
    folders = (tmp_path / "python_modules", tmp_path / "wheels")
    first = vendor(requirements, TARGET, *folders)

    def fail(*_arguments: object) -> None:
        raise AssertionError("downloaded again")

    monkeypatch.setattr("flaghoist_cli.build.wheels._download", fail)
    assert vendor(requirements, TARGET, *folders) == first
