"""A JavaScript Worker in workerd, the same binary as for our edge, with an in-memory KV that contains one value."""

import asyncio
import io
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.machine.toolchain import JS, WORKERS_FOLDER
from flaghoist_cli.build import node
from flaghoist_cli.local.child import Child
from flaghoist_cli.local.ports import HOST, claim
from flaghoist_cli.terminal.failure import CommandFailed

COMPATIBILITY_DATE = "2026-10-01"
KV_KEY = "LD-Env-bench"
_POLL_SECONDS = 0.002
_START_TIMEOUT_SECONDS = 30.0

_CONFIG = Template("""\
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = .main), (name = "kv", worker = .kv) ],
  sockets = [ (name = "http", address = "$host:$port", http = (), service = "main") ],
);
const main :Workerd.Worker = (
  modules = [ (name = "worker.mjs", esModule = embed "worker.mjs") ],
  compatibilityDate = "$date", compatibilityFlags = ["nodejs_compat"],
  bindings = [ (name = "KV", kvNamespace = "kv"), (name = "SIZE", text = "$size") ],
);
const kv :Workerd.Worker = (
  modules = [
    (name = "kv.mjs", esModule = embed "kv.mjs"),
    (name = "values.mjs", esModule = embed "values.mjs"),
    (name = "value.txt", text = embed "value.txt"),
  ],
  compatibilityDate = "$date",
);
""")
_VALUES = 'import value from "./value.txt";\n\nexport default { "%s": value };\n'


@dataclass(frozen=True)
class JsWorker:
    """A running Worker; ``started`` is the start time of its process, by `time.perf_counter`."""

    port: int
    pid: int
    started: float


@asynccontextmanager
async def js_worker(name: str, value: bytes = b"", size: int = 0) -> AsyncIterator[JsWorker]:
    """Run the bundled Worker ``name`` with ``value`` in KV and the variable SIZE, until the context ends."""
    with TemporaryDirectory(prefix="flaghoist-bench-") as folder:
        port = claim(0, "--port")
        _lay_out(Path(folder), name, value, {"host": HOST, "port": str(port), "size": str(size)})
        output = io.StringIO()
        command = [workerd(), "serve", str(Path(folder) / "config.capnp")]
        started = perf_counter()
        async with Child(command, os.environ, prefix="", output=output) as child:
            await _until_listening(child, port, name, output)
            assert child.pid is not None
            yield JsWorker(port, child.pid, started)


def workerd() -> str:
    """Return the workerd executable that Miniflare uses."""
    found = sorted((node.node_modules() / "@cloudflare").glob("workerd-*/bin/workerd"))
    if not found:
        raise CommandFailed("node_modules has no workerd for this machine: run `make setup`")
    return str(found[0])


def _lay_out(folder: Path, name: str, value: bytes, settings: dict[str, str]) -> None:
    (folder / "config.capnp").write_text(_CONFIG.substitute(settings, date=COMPATIBILITY_DATE))
    (folder / "worker.mjs").write_bytes((WORKERS_FOLDER / f"{name}.mjs").read_bytes())
    (folder / "kv.mjs").write_bytes((JS / "kv.mjs").read_bytes())
    (folder / "values.mjs").write_text(_VALUES % KV_KEY)
    (folder / "value.txt").write_bytes(value)


async def _until_listening(child: Child, port: int, name: str, output: io.StringIO) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + _START_TIMEOUT_SECONDS
    ended = asyncio.ensure_future(child.wait())
    try:
        while not await _is_listening(port):
            if ended.done() or loop.time() > end:
                raise CommandFailed(f"the Worker {name} does not start:\n{output.getvalue()}")
            await asyncio.sleep(_POLL_SECONDS)
    finally:
        ended.cancel()


async def _is_listening(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True
