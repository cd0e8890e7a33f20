"""The origin in CPython: bulk evaluation under uvicorn (the default), under Granian, and other servers beside it."""

import io
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.edge.bootstrap import BULK, authorised, values_of_ours
from bench.edge.publication import QUIET, SECRET
from bench.inputs.flag_sets import flag_set
from bench.inputs.visitors import Bodies, visitor
from bench.machine import toolchain
from bench.measuring.plan import SEED
from bench.measuring.rounds import Pace, Timing, VisitorStream, measure
from bench.measuring.sanity import CHECKED_VISITORS, Truth, ask
from bench.origin.servers import other_servers, running
from flaghoist.model.flags import FlagSet, JsonValue
from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.target import OriginTarget
from flaghoist_cli.data.keys import ensure_local_keys
from flaghoist_cli.data.settings import variables_of
from flaghoist_cli.local.child import Child
from flaghoist_cli.local.ports import HOST, claim
from flaghoist_cli.local.readiness import until_answers
from flaghoist_origin.settings.settings import Settings

_GRANIAN = (
    *("--interface", "asgi", "--workers", "1", "--no-ws", "--log-level", "error", "--factory"),
    "bench.origin.origin_app:create",
)
_OURS: Mapping[str, Sequence[str]] = {
    "Flaghoist, under uvicorn": (sys.executable, "-m", "flaghoist_origin"),
    "Flaghoist, under Granian": (str(toolchain.PYTHON), "-m", "granian", *_GRANIAN),
}


async def measure_origins(flags: int, pace: Pace) -> Mapping[str, Timing]:
    """Return each server's timing, ours without publishing to KV; all answers are checked first."""
    toolchain.prepare_python()
    flagset, bodies = flag_set("mix", flags, SEED), Bodies()
    checked = {bodies.body(number): visitor(number) for number in range(CHECKED_VISITORS)}
    truth = Truth(flagset, checked)
    streams = []

    def let_in(stream: VisitorStream, values: Callable[[bytes], Mapping[str, JsonValue]]) -> None:
        answers = ask(stream, list(checked))
        truth.check(stream.name, {body: values(answer) for body, answer in answers.items()})
        streams.append(stream)

    async with AsyncExitStack() as servers:
        for name, command in _OURS.items():
            port, key = await servers.enter_async_context(_origin(command, flagset))
            let_in(VisitorStream(name, port, BULK, bodies.each(), authorised(key)), values_of_ours)
        for server in other_servers():
            port = await servers.enter_async_context(running(server, flagset))
            let_in(VisitorStream(server.label, port, server.path, bodies.each()), server.format.values)
        return measure(streams, pace)


@asynccontextmanager
async def _origin(command: Sequence[str], flagset: FlagSet) -> AsyncIterator[tuple[int, str]]:
    """Run an origin with the flags; yield its port and a client key."""
    with TemporaryDirectory(prefix="flaghoist-bench-") as folder:
        port = claim(0, "--port")
        settings = Settings(data_dir=folder, host=HOST, port=port, secret=SECRET)
        keys = await ensure_local_keys(Path(folder), settings.url, settings.environment)
        environ = {**os.environ, **variables_of(settings), **QUIET}
        granian = ("--host", HOST, "--port", str(port)) if "granian" in command else ()
        async with Child([*command, *granian], environ, prefix="", output=io.StringIO()) as child:
            url = f"http://{HOST}:{port}"
            await until_answers(f"{url}/healthz", child)
            with OriginClient(OriginTarget(url, settings.environment, keys.admin)) as client:
                client.replace_snapshot(flagset, client.snapshot().etag)
            yield port, keys.client
