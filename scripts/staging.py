"""Lay out what the Worker consists of where wrangler finds it: ``build/worker/`` and ``python_modules/``.

wrangler uploads what lies beside the entry and below it, and nothing of a sibling folder. So the entry goes to
``build/worker/entry.py`` and the packages it imports beside it. Also wrangler's own ``[build] command``.
"""

from __future__ import annotations

import ast
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from scripts.failure import CommandFailed
from scripts.pyodide_target import compatibility_date, target_for
from scripts.wheels import vendor

ROOT = Path(__file__).resolve().parent.parent
ENTRY = PurePosixPath("edge_worker/entry.py")
PACKAGES = ("edge_worker", "shared")
LEFT_OUT = (PurePosixPath("shared/sdk"),)


@dataclass(frozen=True)
class StagedModule:
    """A file of the Worker: its name inside the Worker and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True)
class Staged:
    """What one staging laid out, and a sentence on the audit of the wheels."""

    modules: tuple[StagedModule, ...]
    audit: str


def _belongs(source: PurePosixPath) -> bool:
    left_out = any(source.is_relative_to(folder) for folder in LEFT_OUT)
    return not left_out and not source.name.startswith("test_") and "__pycache__" not in source.parts


def worker_sources(root: Path) -> dict[PurePosixPath, Path]:
    """Map each module's name inside the Worker to its source file."""
    sources: dict[PurePosixPath, Path] = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            relative = PurePosixPath(path.relative_to(root).as_posix())
            if _belongs(relative):
                sources[PurePosixPath(ENTRY.name) if relative == ENTRY else relative] = path
    return sources


def _relative_imports(tree: ast.Module) -> Iterator[int]:
    return (node.lineno for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level > 0)


def _check_entry(source: Path | None) -> None:
    if source is None:
        raise CommandFailed(f"{ENTRY} does not exist: it defines the Worker's class Default")
    for line in _relative_imports(ast.parse(source.read_text())):
        raise CommandFailed(
            f"{ENTRY}:{line} imports relatively: the entry is staged outside its package, so use absolute imports"
        )


def _copy(source: Path, target: Path) -> None:
    if target.is_file() and target.read_bytes() == source.read_bytes():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _remove_strangers(folder: Path, known: set[Path]) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path not in known:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def stage(root: Path = ROOT) -> Staged:
    """Bring ``build/worker/`` and ``python_modules/`` of ``root`` up to date; what did not change is left alone."""
    sources = worker_sources(root)
    _check_entry(sources.get(PurePosixPath(ENTRY.name)))
    folder = root / "build" / "worker"
    for name, source in sources.items():
        _copy(source, folder / name)
    _remove_strangers(folder, {folder / name for name in sources})
    target = target_for(compatibility_date(root / "wrangler.toml"))
    note = vendor(root / "requirements" / "worker.txt", target, root / "python_modules", root / "build" / "wheels")
    return Staged(tuple(StagedModule(str(name), source.stat().st_size) for name, source in sources.items()), note)


def main() -> int:
    """Stage the project and list the modules; the exit status is 1 when it cannot be staged."""
    try:
        staged = stage()
    except CommandFailed as failure:
        sys.stderr.write(f"staging: {failure}\n")
        return 1
    for module in staged.modules:
        sys.stdout.write(f"{module.size:>8}  {module.name}\n")
    sys.stdout.write(f"{staged.audit}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
