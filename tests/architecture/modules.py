"""The code base as a graph: every module by its name, what it imports when it runs, and the folder it lies in."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.project import ROOT

ROOMS: Mapping[str, str] = {
    "flaghoist": "shared",
    "flaghoist_edge": "edge_worker",
    "flaghoist_origin": "origin",
    "flaghoist_cli": "scripts",
    "bench": "scripts",
    "demo": "scripts",
    "release": "scripts",
}
"""The import packages, and the top-level folder of each."""


@dataclass(frozen=True)
class SourceModule:
    """One Python file: its dotted name, its path, and whether it is the face (``__init__``) of a folder."""

    name: str
    path: Path

    @property
    def is_face(self) -> bool:
        """Whether this is an ``__init__`` module."""
        return self.path.name == "__init__.py"

    @property
    def room(self) -> str:
        """The import package that it belongs to."""
        return self.name.partition(".")[0]

    @property
    def folder(self) -> str:
        """The dotted name of the folder that it lies in."""
        return self.name if self.is_face else self.name.rpartition(".")[0]

    @cached_property
    def text(self) -> str:
        """The source text."""
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.text)


@cache
def modules() -> Mapping[str, SourceModule]:
    """Return every module of the code base by its dotted name."""
    found = {}
    for room, home in ROOMS.items():
        for path in sorted((ROOT / home / room).rglob("*.py")):
            parts = path.relative_to(ROOT / home).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = SourceModule(name, path)
    return found


@cache
def imports_of(name: str) -> frozenset[str]:
    """Return the modules of the code base that a module imports; imports for type checkers alone do not count."""
    known = modules()
    found = set()
    for node in executed(known[name].tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            targets = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {target if target in known else node.module for target in targets}
    return frozenset(found & known.keys() - {name})


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes below one, without what stands under ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from executed(child)


@cache
def chain_from(name: str) -> tuple[str, ...]:
    """Return the longest row of modules that import each other, from ``name`` down, whatever rooms they lie in."""
    return (name, *max((chain_from(other) for other in imports_of(name)), key=len, default=()))


def identify(module: object) -> str:
    """Return the test id of a module."""
    return module.name if isinstance(module, SourceModule) else str(module)
