"""Other servers for the same flags, beside our origin: JavaScript peers in Node, and an OFREP server in Python."""

import io
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench.edge.bootstrap import BULK
from bench.edge.subjects import LAUNCHDARKLY_CACHED, PEERS, Peer
from bench.machine import toolchain
from flaghoist.model.flags import FlagSet
from flaghoist_cli.build import node
from flaghoist_cli.local.child import Child
from flaghoist_cli.local.ports import HOST, claim
from flaghoist_cli.local.readiness import until_answers

NOT_HERE = (
    "flagd, GO Feature Flag's relay proxy, Flipt and Unleash Edge: neither npm nor PyPI carries these servers "
    "of Go and Rust; flagd's evaluators in JavaScript and Python are measured"
)
_IN_NODE = frozenset({LAUNCHDARKLY_CACHED, "statsig", "growthbook", "flagd"})


class Server(msgspec.Struct, frozen=True):
    """A server: its command for a file of flags and a port, its path, and its data format."""

    label: str
    command: tuple[str, ...]
    path: str
    format: Peer


def other_servers() -> Iterator[Server]:
    """Yield the servers that can be installed here."""
    peers = {peer.name: peer for peer in PEERS if peer.name in _IN_NODE}
    for name, peer in peers.items():
        yield Server(f"{peer.subject.label}, in Node", (str(node.node()), str(toolchain.NODE_SERVER), name), "/", peer)
    python = (str(toolchain.PYTHON), "-m", "bench.process.fast_feature")
    yield Server("fast-feature (OFREP), under uvicorn", python, BULK, peers["flagd"])


@asynccontextmanager
async def running(server: Server, flagset: FlagSet) -> AsyncIterator[int]:
    """Run a server with the flags; yield its port."""
    with TemporaryDirectory(prefix="flaghoist-bench-") as folder:
        file, port = Path(folder) / "flags.json", claim(0, "--port")
        file.write_bytes(server.format.document(flagset))
        command = (*server.command, str(file), str(port))
        async with Child(command, os.environ, prefix="", output=io.StringIO()) as child:
            await until_answers(f"http://{HOST}:{port}/", child)
            yield port
