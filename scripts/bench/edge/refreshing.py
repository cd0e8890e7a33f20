"""Requests while flags change: how much one change each second slows other requests, and what it reads."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench.edge.bootstrap import ours
from bench.edge.changes import FlagChange, Replay
from bench.edge.edges import our_edge, port_of
from bench.edge.publication import ENVIRONMENT, Publication
from bench.inputs.flag_sets import flag_set
from bench.inputs.visitors import Bodies
from bench.machine.toolchain import ROOT
from bench.measuring.plan import SEED
from bench.measuring.results import Refreshes
from bench.measuring.rounds import VisitorStream, latencies, percentile, spread
from flaghoist.model.flags import Flag, FlagSet
from flaghoist_cli.local.edge_runtime import LocalEdge
from flaghoist_cli.terminal.failure import CommandFailed

_ELSEWHERE = "elsewhere"
_WARM_SECONDS = 2.0


async def measure_refreshes(flags: int, seconds: float, turns: int) -> Refreshes:
    """Return latencies without and with changes, in turns of so many seconds.

    In the turns without changes, the same bytes are written to KV under the name of another environment, so that the
    difference is only the Worker's work.
    """
    flagset = flag_set("mix", flags, SEED)
    course = _Course(flagset)
    quiet: list[list[float]] = []
    changing: list[list[float]] = []
    read = late = 0
    async with our_edge(course.publication) as edge:
        stream = ours(port_of(edge), Bodies().each())
        latencies(stream, _WARM_SECONDS)
        for _ in range(turns):
            quiet.append((await _turn(stream, course.replay(edge, int(seconds), heard=False), seconds))[0])
            before = await edge.stats()
            found, missed = await _turn(stream, course.replay(edge, int(seconds), heard=True), seconds)
            changing.append(found)
            late += missed
            read += (await edge.stats())["binding_reads"] - before["binding_reads"]
    changes = turns * int(seconds)
    quiet_p99, changing_p99 = ([percentile(turn, 0.99) for turn in kind] for kind in (quiet, changing))
    return Refreshes(
        flags=flags,
        quiet_p50=spread([percentile(turn, 0.50) for turn in quiet]),
        quiet_p99=spread(quiet_p99),
        changing_p50=spread([percentile(turn, 0.50) for turn in changing]),
        changing_p99=spread(changing_p99),
        p99_ratio=round(spread(changing_p99).median / spread(quiet_p99).median, 3),
        changes=changes,
        late=late,
        kv_values_read_per_change=round(read / changes, 2),
    )


class _Course:
    """Successive versions of a flag set, each with one flag switched."""

    def __init__(self, flagset: FlagSet) -> None:
        self._flagset = flagset
        self._keys = list(flagset.flags)
        self.publication = Publication.of(flagset)

    def replay(self, edge: LocalEdge, count: int, *, heard: bool) -> Replay:
        """Return the next changes; the Worker sees them if they are ``heard``."""
        where = f"{edge.kv_base_url}/accounts/{edge.account}/storage/kv/namespaces/{edge.namespace}/bulk"
        changes = tuple(self._next(heard) for _ in range(count))
        return Replay(where, edge.token, edge.url, self._keys[0], changes)

    def _next(self, heard: bool) -> FlagChange:
        before = self.publication
        key = self._keys[before.version % len(self._keys)]
        self._flagset = FlagSet({**self._flagset.flags, key: _switched(self._flagset.flags[key])})
        after = before.followed_by(self._flagset)
        values = after.changed_values(before)
        if heard:
            self.publication = after
        floor = f"1-{after.version}" if heard else ""
        return FlagChange(values if heard else _renamed(values), floor)


def _switched(flag: Flag) -> Flag:
    return msgspec.structs.replace(flag, on=not flag.on, version=flag.version + 1)


def _renamed(values: Mapping[str, bytes]) -> dict[str, bytes]:
    return {key.replace(f":{ENVIRONMENT}", f":{_ELSEWHERE}", 1): value for key, value in values.items()}


async def _turn(stream: VisitorStream, replay: Replay, seconds: float) -> tuple[list[float], int]:
    """Return the stream's sorted latencies while another process replays changes, and how many became visible late."""
    with TemporaryDirectory(prefix="flaghoist-bench-") as folder:
        file = Path(folder) / "changes"
        file.write_bytes(msgspec.msgpack.encode(replay))
        replaying = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.edge.changes", str(file)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            assert replaying.stdout is not None
            await replaying.stdout.readline()
            found = await asyncio.to_thread(latencies, stream, seconds)
            late, errors = await replaying.communicate()
        finally:
            if replaying.returncode is None:
                replaying.kill()
                await replaying.wait()
    if replaying.returncode != 0:
        raise CommandFailed(f"the changes were not all seen:\n{errors.decode(errors='replace')}")
    return sorted(found), int(late)
