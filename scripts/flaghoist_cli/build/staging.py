"""Copy the Worker's modules to where wrangler finds them: ``build/worker/`` and ``python_modules/``.

wrangler uploads files beside and below the entry, and nothing of a sibling folder. So the entry goes to
``build/worker/entry.py`` and the packages that it imports go beside it. Also wrangler's own ``[build] command``.
"""

from __future__ import annotations

import ast
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from flaghoist_cli.build.pyodide_target import compatibility_date, target_for
from flaghoist_cli.build.wheels import vendor
from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.terminal.failure import CommandFailed

ENTRY = PurePosixPath("edge_worker/flaghoist_edge/entry.py")
PACKAGES = {"flaghoist_edge": "edge_worker", "flaghoist": "shared"}
"""The packages of the Worker, and the folder of the project that each lies in."""


@dataclass(frozen=True)
class StagedModule:
    """A file of the Worker: its name inside the Worker and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True)
class Staged:
    """The result of staging, and a sentence on the audit of the wheels."""

    modules: tuple[StagedModule, ...]
    audit: str


def worker_sources(root: Path) -> dict[PurePosixPath, Path]:
    """Map the name inside the Worker of each module that the entry reaches by imports to its source file."""
    sources: dict[PurePosixPath, Path] = {}
    entry = root / ENTRY
    waiting = [entry] if entry.is_file() else []
    while waiting:
        path = waiting.pop()
        name = _name_of(path, root)
        if name in sources:
            continue
        sources[name] = path
        waiting.extend(_imported(path, root))
    return dict(sorted(sources.items()))


def _name_of(path: Path, root: Path) -> PurePosixPath:
    relative = PurePosixPath(path.relative_to(root).as_posix())
    return PurePosixPath(ENTRY.name) if relative == ENTRY else PurePosixPath(*relative.parts[1:])


def _imported(path: Path, root: Path) -> Iterator[Path]:
    """Yield the files of the Worker's packages that a module imports, with the packages around each."""
    for node in _executed(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield from _files_of(name, root)


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node but those that type checkers alone read."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from _executed(node)


def _files_of(name: str, root: Path) -> Iterator[Path]:
    parts = name.split(".")
    home = PACKAGES.get(parts[0])
    if home is None:
        return
    for length in range(1, len(parts) + 1):
        place = (root / home).joinpath(*parts[:length])
        yield from (path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file())


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


def stage(root: Path) -> Staged:
    """Bring ``build/worker/`` and ``python_modules/`` of ``root`` up to date; unchanged files are left alone."""
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
    """Stage the project and list the modules; the exit status is 1 if that fails."""
    try:
        staged = stage(checkout())
    except CommandFailed as failure:
        sys.stderr.write(f"staging: {failure}\n")
        return 1
    for module in staged.modules:
        sys.stdout.write(f"{module.size:>8}  {module.name}\n")
    sys.stdout.write(f"{staged.audit}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
