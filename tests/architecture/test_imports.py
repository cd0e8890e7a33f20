"""Who may import whom: between rooms, and from foreign runtimes, each of which has its boundary files."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from tests.architecture.modules import ROOMS, SourceModule, identify, modules

MAY_IMPORT: Mapping[str, set[str]] = {
    "flaghoist": set(),
    "flaghoist_edge": {"flaghoist"},
    "flaghoist_origin": {"flaghoist"},
    "flaghoist_cli": {"flaghoist", "flaghoist_origin"},
    "bench": {"flaghoist", "flaghoist_origin", "flaghoist_cli", "demo"},
    "demo": {"flaghoist_cli"},
    "release": {"flaghoist", "flaghoist_cli"},
}
JAVASCRIPT = {
    "flaghoist_edge.entry",
    *(f"flaghoist_edge.runtime.{name}" for name in ("declarations", "html", "promises", "relay")),
    *(f"flaghoist_edge.runtime.{name}" for name in ("exchange", "runtime", "signatures")),
    *(f"bench.worker.{name}" for name in ("empty", "unstarted", "weighed")),
}
OPENFEATURE = {
    "flaghoist.sdk.provider",
    "flaghoist.sdk.evaluation.contexts",
    "flaghoist.sdk.evaluation.resolving",
    "flaghoist.sdk.events.reporting",
    "flaghoist.sdk.store.status",
}
BOUNDARIES: Mapping[str, set[str]] = {
    "js": JAVASCRIPT,
    "workers": JAVASCRIPT,
    "pyodide": JAVASCRIPT | {"flaghoist_cli.local.edge.dispatch"},
    "asyncpg": set(),
    "redis": {"flaghoist_origin.fanout.valkey"},
    "opentelemetry": {"flaghoist_origin.observability.collector"},
    "cloudflare": {"flaghoist_origin.kv.client", "flaghoist_cli.deploy.cloudflare_account"},
    "httpx_sse": {"flaghoist.sdk.datasource.source"},
    "openfeature": OPENFEATURE,
}
IMPURE = {
    *("cloudflare", "httpx", "js", "sqlalchemy", "starlette", "uvicorn", "workers"),
    *("random", "secrets", "time"),
}
ALL = list(modules().values())
DOMAIN = [module for module in ALL if module.room == "flaghoist" and not module.name.startswith("flaghoist.sdk")]
every_module = pytest.mark.parametrize("module", ALL, ids=identify)


def imported_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the arrows"
            yield node.module or ""


@cache
def imported_roots(module: SourceModule) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in imported_names(module.tree))


@every_module
def test_module__imports__follow_the_arrows(module: SourceModule) -> None:
    assert imported_roots(module) & ROOMS.keys() <= MAY_IMPORT[module.room] | {module.room}
    assert "tests" not in imported_roots(module)


@every_module
def test_module__foreign_runtime__only_in_its_boundary_file(module: SourceModule) -> None:
    for package in BOUNDARIES.keys() & imported_roots(module):
        assert module.name in BOUNDARIES[package]


@pytest.mark.parametrize("module", DOMAIN, ids=identify)
def test_domain__module__does_no_io_and_reads_no_clock(module: SourceModule) -> None:
    assert not imported_roots(module) & IMPURE
