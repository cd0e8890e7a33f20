"""The origin in CPython: bulk evaluation under uvicorn, as it ships, and under Granian."""

import io
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from origin.settings import Settings
from scripts.bench import toolchain
from scripts.bench.bootstrap import BULK, authorised
from scripts.bench.flag_sets import flag_set
from scripts.bench.plan import SEED
from scripts.bench.publication import SECRET
from scripts.bench.rounds import Pace, Stream, Timing, measure
from scripts.bench.visitors import Bodies
from scripts.child import Child
from scripts.local_keys import ensure_local_keys
from scripts.local_settings import variables_of
from scripts.node import ROOT
from scripts.origin_client import OriginClient
from scripts.ports import HOST, claim
from scripts.readiness import until_answers
from scripts.target import Target
from shared.model import FlagSet

_GRANIAN = (
    *("--interface", "asgi", "--workers", "1", "--no-ws", "--log-level", "error", "--factory"),
    "scripts.bench.origin_app:create",
)


async def measure_origins(flags: int, pace: Pace) -> Mapping[str, Timing]:
    """Return each server's timing, without KV to publish to."""
    toolchain.prepare_python()
    flagset = flag_set("mix", flags, SEED)
    commands: Mapping[str, Sequence[str]] = {
        "uvicorn": (sys.executable, "-m", "origin"),
        "Granian": (str(toolchain.PYTHON), "-m", "granian", *_GRANIAN),
    }
    bodies = Bodies()
    async with AsyncExitStack() as held:
        streams = []
        for name, command in commands.items():
            port, key = await held.enter_async_context(_origin(command, flagset))
            streams.append(Stream(name, port, BULK, bodies.each(), authorised(key)))
        return measure(streams, pace)


@asynccontextmanager
async def _origin(command: Sequence[str], flagset: FlagSet) -> AsyncIterator[tuple[int, str]]:
    """Run an origin that holds the flags; yield its port and a client key."""
    with TemporaryDirectory(prefix="flaghoist-bench-") as folder:
        port = claim(0, "--port")
        settings = Settings(data_dir=folder, host=HOST, port=port, secret=SECRET, log_level="error")
        keys = await ensure_local_keys(Path(folder), settings.url, settings.environment)
        environ = {**os.environ, **variables_of(settings), "PYTHONPATH": str(ROOT)}
        granian = ("--host", HOST, "--port", str(port)) if "granian" in command else ()
        async with Child([*command, *granian], environ, prefix="", output=io.StringIO()) as child:
            url = f"http://{HOST}:{port}"
            await until_answers(f"{url}/healthz", child)
            with OriginClient(Target(url, settings.environment, keys.admin)) as client:
                client.replace_snapshot(flagset, client.snapshot().etag)
            yield port, keys.client
