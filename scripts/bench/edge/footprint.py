"""Memory: of the Worker with many flags after many requests, and of the engine alone in CPython."""

import asyncio
import gc
import tracemalloc
from pathlib import Path

import httpx

from bench.edge.bootstrap import ours
from bench.edge.edges import WEIGHED, our_edge, port_of
from bench.edge.publication import Publication
from bench.inputs.flag_sets import flag_set
from bench.inputs.visitors import Bodies, visitor
from bench.measuring.plan import SEED
from bench.measuring.results import Footprint
from bench.measuring.rounds import latencies
from flaghoist.engine.engine import Engine
from flaghoist_cli.client.evaluation import engine_of
from flaghoist_cli.local.edge_runtime import LocalEdge
from flaghoist_cli.terminal.failure import CommandFailed

_REQUESTS = 300
_BULKS = 20
_KIB = 1024


async def measure_footprint(flags: int, cpython_flags: int) -> Footprint:
    """Return the memory of the Worker with ``flags`` and of the engine with ``cpython_flags``."""
    publication = Publication.of(flag_set("mix", flags, SEED))
    async with our_edge(publication, WEIGHED) as edge:
        before, resident_before = _interpreter(edge), _resident(edge)
        latencies(ours(port_of(edge), Bodies().each()), 0, _REQUESTS)
        after, resident_after = _interpreter(edge), _resident(edge)
    cpython = await asyncio.to_thread(_engine_bytes, cpython_flags)
    return Footprint(
        flags=flags,
        worker_interpreter=after,
        worker_growth=after - before,
        process_growth=resident_after - resident_before,
        cpython_flags=cpython_flags,
        cpython=cpython,
    )


def _interpreter(edge: LocalEdge) -> int:
    return int(httpx.get(f"{edge.url}/bench/memory", trust_env=False).text)


def _resident(edge: LocalEdge) -> int:
    """Return the resident bytes of the local edge's workerd."""
    if edge.pid is None:
        raise CommandFailed("the local edge is not running")
    children = Path(f"/proc/{edge.pid}/task/{edge.pid}/children")
    pids = children.read_text().split() if children.is_file() else []
    return sum(resident_bytes(int(pid)) for pid in pids)


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * _KIB for line in lines if line.startswith("VmRSS:")), 0)


def _engine_bytes(flags: int) -> int:
    """Return the memory of an engine that has answered some users, according to Python's allocations."""
    flagset = flag_set("mix", flags, SEED)
    visitors = [visitor(number) for number in range(_BULKS)]
    engine_of(flagset)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        engine: Engine = engine_of(flagset)
        for context in visitors:
            engine.evaluate_all(context, client_only=False)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
