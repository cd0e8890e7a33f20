"""Python Workers in the local edge: ours with its flags in KV, and an empty one on the same host and SDK."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.edge.publication import ENVIRONMENT, SECRET, Publication, write
from flaghoist_cli.local.edge_runtime import EdgeSettings, LocalEdge

MOUNTED = (Path(__file__).parents[1] / "worker", "bench_worker")
EMPTY = "bench_worker.empty"
UNSTARTED = "bench_worker.unstarted"
WEIGHED = "bench_worker.weighed"
PRODUCT = "entry"


@asynccontextmanager
async def our_edge(publication: Publication, entry: str = PRODUCT) -> AsyncIterator[LocalEdge]:
    """Run our edge with a publication in its KV, and no origin."""
    variables = {"ENVIRONMENTS": ENVIRONMENT, "ORIGINS": ""}
    settings = EdgeSettings(variables=variables, secret=SECRET, entry=entry, extra=[MOUNTED])
    async with LocalEdge(settings, output=io.StringIO()) as edge:
        write(edge, publication.values())
        yield edge


@asynccontextmanager
async def empty_python(size: int) -> AsyncIterator[LocalEdge]:
    """Run the empty Python Worker that answers so many bytes."""
    settings = EdgeSettings(variables={"SIZE": str(size)}, entry=EMPTY, extra=[MOUNTED])
    async with LocalEdge(settings, output=io.StringIO()) as edge:
        yield edge


def port_of(edge: LocalEdge) -> int:
    """Return the port of a local edge."""
    port = urlsplit(edge.url).port
    assert port is not None
    return port
