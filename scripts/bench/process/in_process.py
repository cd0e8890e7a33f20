"""SDKs in CPython, in process: ours beside those of LaunchDarkly, GrowthBook, Unleash and flagd."""

import asyncio
from collections.abc import Mapping

import msgspec

from bench.machine import toolchain
from bench.measuring.results import InProcess
from bench.process.python_sdks import SDKS
from bench.process.sdk_memory import MeasuredMemory
from flaghoist_cli.terminal.failure import CommandFailed

WEIGHED_FLAGS = 1_000


async def measure_in_process(flags: int, seconds: float) -> Mapping[str, InProcess]:
    """Return each SDK's figures, measured in one process of the environment that contains them all.

    With 1,000 flags, the memory of each is also measured, in a separate process.
    """
    await asyncio.to_thread(toolchain.prepare_python)
    printed = await _printed("bench.process.python_sdks", str(flags), str(seconds))
    found = msgspec.json.decode(printed, type=dict[str, InProcess])
    if flags != WEIGHED_FLAGS:
        return found
    for number in range(len(SDKS)):
        memory = msgspec.json.decode(
            await _printed("bench.process.sdk_memory", str(number), str(flags)), type=MeasuredMemory
        )
        weighed = {"allocated_bytes": memory.allocated, "resident_bytes": memory.resident}
        found[memory.name] = msgspec.structs.replace(found[memory.name], **weighed)
    return found


async def _printed(module: str, *arguments: str) -> bytes:
    """Return the output of a module, run in the environment of the SDKs."""
    process = await asyncio.create_subprocess_exec(
        *(str(toolchain.PYTHON), "-m", module, *arguments),
        cwd=toolchain.ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise CommandFailed(f"the Python SDKs cannot be measured:\n{errors.decode(errors='replace')[-2000:]}")
    return output
