"""Evaluations per second in CPython: of one process, and of as many at once as there are cores.

``python -m bench.process.capacity FLAGS SECONDS`` is one of these processes: it prints a line when it is ready, waits
for a line, and prints its result.
"""

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence

import msgspec

from bench.inputs.flag_sets import flag_set
from bench.inputs.visitors import visitor
from bench.machine.toolchain import ROOT
from bench.measuring.plan import SEED
from bench.measuring.results import Capacity
from bench.process.python_sdks import ours
from flaghoist_cli.terminal.failure import CommandFailed

_VISITORS = 1_000
_READY = b"ready\n"


class _Managed(msgspec.Struct, frozen=True):
    """Evaluations per second of one process: one flag at a time, and in answers with all flags."""

    single: float
    bulk: float


async def measure_capacity(flags: int, seconds: float) -> Mapping[str, Capacity]:
    """Return the total of all processes by number of processes; each has its own engine."""
    found = {}
    for processes in sorted({1, os.cpu_count() or 1}):
        managed = await _together(processes, flags, seconds)
        single, bulk = (round(sum(figures)) for figures in ([m.single for m in managed], [m.bulk for m in managed]))
        found[str(processes)] = Capacity(processes, flags, single, bulk)
    return found


async def _together(processes: int, flags: int, seconds: float) -> Sequence[_Managed]:
    command = (sys.executable, "-m", "bench.process.capacity", str(flags), str(seconds))
    started = [
        await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE) for _ in range(processes)
    ]
    try:
        for process in started:
            await _until_ready(process)
        return await asyncio.gather(*(_go(process) for process in started))
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _until_ready(process: Process) -> None:
    if process.stdout is None or await process.stdout.readline() != _READY:
        raise CommandFailed("a process that was to evaluate has ended: see above")


async def _go(process: Process) -> _Managed:
    output, _ = await process.communicate(b"go\n")
    if process.returncode != 0:
        raise CommandFailed("a process that was to evaluate has ended: see above")
    return msgspec.json.decode(output, type=_Managed)


def _per_second(perform: Callable[[int], int], seconds: float) -> float:
    """Return how many evaluations a second ``perform`` makes; it returns its number of evaluations."""
    made = number = 0
    start = time.perf_counter()
    end = start + seconds
    while time.perf_counter() < end:
        made += perform(number)
        number += 1
    return made / (time.perf_counter() - start)


def main() -> int:
    """Evaluate for a while, twice, and print the result as one JSON object."""
    flags, seconds = int(sys.argv[1]), float(sys.argv[2])
    flagset = flag_set("mix", flags, SEED)
    sdk, keys = ours(flagset), list(flagset.flags)
    contexts = [visitor(number) for number in range(_VISITORS)]

    def singles(number: int) -> int:
        context = contexts[number % _VISITORS]
        for key in keys:
            sdk.single(context, key)
        return len(keys)

    def bulk(number: int) -> int:
        sdk.bulk(contexts[number % _VISITORS])
        return len(keys)

    singles(0)
    bulk(0)
    sys.stdout.buffer.write(_READY)
    sys.stdout.buffer.flush()
    sys.stdin.buffer.readline()
    managed = _Managed(_per_second(singles, seconds), _per_second(bulk, seconds))
    sys.stdout.buffer.write(msgspec.json.encode(managed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
