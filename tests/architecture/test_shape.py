"""Files and functions that fit in view, docstrings that say what they are for, and few broad handlers."""

import ast
from pathlib import Path
from statistics import median

import pytest

from tests.architecture.modules import SourceModule, identify, modules
from tests.project import ROOT

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 50
ALL = list(modules().values())
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def check_sizes(source: str, tree: ast.Module) -> None:
    assert len(source.splitlines()) <= MOST_FILE_LINES
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MOST_FUNCTION_LINES, f"{node.name} has {length} lines"


@pytest.mark.parametrize("module", ALL, ids=identify)
def test_module__size__stays_readable(module: SourceModule) -> None:
    check_sizes(module.text, module.tree)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_test_file__size__stays_readable(path: Path) -> None:
    source = path.read_text()
    check_sizes(source, ast.parse(source))


@pytest.mark.parametrize("module", ALL, ids=identify)
def test_module__docstring__states_its_responsibility(module: SourceModule) -> None:
    assert ast.get_docstring(module.tree)


def test_code_base__median_module__is_short() -> None:
    assert median(len(module.text.splitlines()) for module in ALL if not module.is_face) <= 120


def test_public_names__three_fifths__have_docstrings() -> None:
    public = [
        node
        for module in ALL
        for node in module.tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    ]
    documented = [node for node in public if ast.get_docstring(node)]
    assert len(documented) >= 0.6 * len(public)


def test_entry__length__stays_a_mere_entry() -> None:
    assert len(modules()["flaghoist_edge.entry"].text.splitlines()) <= 30


OUTERMOST_HANDLERS = {
    "flaghoist_edge.service.service",
    "flaghoist_origin.http.resources.problems",
    "flaghoist.sdk.events.delivery",
    "flaghoist_cli.commands.root",
    "flaghoist_cli.local.edge.dispatch",
    "flaghoist.sdk.runtime.background",
}


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """A broad handler that cleans up and raises again handles nothing, and is fine anywhere."""
    is_broad = handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}
    last = handler.body[-1]
    return is_broad and not (isinstance(last, ast.Raise) and last.exc is None)


def test_broad_except__only_in_outermost_handlers() -> None:
    found = {
        module.name
        for module in ALL
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and swallows_everything(node)
    }
    assert found == OUTERMOST_HANDLERS
