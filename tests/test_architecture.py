"""The shape of the code base, held by tests: import arrows, boundary files, sizes, names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.project import ROOT

ROOMS = ("edge_worker", "origin", "scripts", "shared")
MAY_IMPORT = {
    "shared": {"shared"},
    "edge_worker": {"edge_worker", "shared"},
    "origin": {"origin", "shared"},
    "scripts": {"scripts", "origin", "shared"},
}
BINDINGS = (
    *("declarations", "html", "outside", "promises", "relay"),
    *("requests", "responses", "runtime", "signatures"),
)
EDGE = {"edge_worker/flaghoist_edge/entry.py", *(f"edge_worker/flaghoist_edge/runtime/{name}.py" for name in BINDINGS)}
OPENFEATURE = ("announcing", "contexts", "provider", "reporting", "resolving")
BENCH_WORKERS = {f"scripts/bench/worker/{name}.py" for name in ("empty", "unstarted", "weighed")}
BOUNDARIES = {
    "js": EDGE | BENCH_WORKERS,
    "workers": EDGE | BENCH_WORKERS,
    "pyodide": EDGE | BENCH_WORKERS | {"scripts/flaghoist_cli/local/edge/dispatch.py"},
    "asyncpg": set(),
    "redis": {"origin/flaghoist_origin/fanout/valkey.py"},
    "opentelemetry": {"origin/flaghoist_origin/observability/collector.py"},
    "cloudflare": {"origin/flaghoist_origin/kv/client.py", "scripts/flaghoist_cli/deploy/cloudflare_account.py"},
    "httpx_sse": {"shared/flaghoist/sdk/datasource/source.py"},
    "openfeature": {f"shared/flaghoist/sdk/{name}.py" for name in OPENFEATURE},
}
PURE_ROOM_BANS = {
    *("cloudflare", "httpx", "js", "sqlalchemy", "starlette", "uvicorn", "workers"),
    *("random", "secrets", "time"),
}
BANNED_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?)(_|$)")


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def identify(path: object) -> str:
    return str(path.relative_to(ROOT)) if isinstance(path, Path) else str(path)


def imported_roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported_names(ast.parse(path.read_text()))}


def imported_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the arrows"
            yield node.module or ""


@pytest.mark.parametrize("path", modules(*ROOMS), ids=identify)
def test_module__imports__follow_the_arrows(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    assert imported_roots(path) & set(ROOMS) <= MAY_IMPORT[room]
    assert "tests" not in imported_roots(path)


@pytest.mark.parametrize("path", modules(*ROOMS), ids=identify)
def test_module__foreign_runtime__only_in_its_boundary_file(path: Path) -> None:
    for package, files in BOUNDARIES.items():
        if package in imported_roots(path):
            assert identify(path) in files


@pytest.mark.parametrize("path", [path for path in modules("shared") if "sdk" not in path.parts], ids=identify)
def test_shared__module__does_no_io_and_reads_no_clock(path: Path) -> None:
    assert not imported_roots(path) & PURE_ROOM_BANS


@pytest.mark.parametrize("path", modules(*ROOMS, "tests"), ids=identify)
def test_module__size_and_names__stay_readable(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= 400
    assert not BANNED_NAMES.search(path.stem)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 50, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", modules(*ROOMS), ids=identify)
def test_module__docstring__states_its_responsibility(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not tree.body or ast.get_docstring(tree)


def test_code_base__median_module__is_short() -> None:
    assert median(len(path.read_text().splitlines()) for path in modules(*ROOMS)) <= 120


def test_public_names__three_fifths__have_docstrings() -> None:
    public = [
        node
        for path in modules(*ROOMS)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    ]
    documented = [node for node in public if ast.get_docstring(node)]
    assert len(documented) >= 0.6 * len(public)


def test_entry__length__stays_a_mere_entry() -> None:
    assert len((ROOT / "edge_worker/flaghoist_edge/entry.py").read_text().splitlines()) <= 30


OUTERMOST_HANDLERS = {
    "edge_worker/flaghoist_edge/service/service.py",
    "origin/flaghoist_origin/http/resources/problems.py",
    "shared/flaghoist/sdk/events/delivery.py",
    "scripts/flaghoist_cli/commands/root.py",
    "scripts/flaghoist_cli/local/edge/dispatch.py",
    "shared/flaghoist/sdk/runtime/background.py",
}


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    """A broad handler that cleans up and raises again handles nothing, and is fine anywhere."""
    is_broad = handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}
    last = handler.body[-1]
    return is_broad and not (isinstance(last, ast.Raise) and last.exc is None)


def test_broad_except__only_in_outermost_handlers() -> None:
    found = {
        identify(path)
        for path in modules(*ROOMS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and swallows_everything(node)
    }
    assert found == OUTERMOST_HANDLERS
