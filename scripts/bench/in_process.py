"""SDKs in CPython, in process: ours beside those of LaunchDarkly, GrowthBook, Unleash and flagd."""

import asyncio
from collections.abc import Mapping

import msgspec

from scripts.bench import toolchain
from scripts.bench.results import InProcess
from scripts.failure import CommandFailed
from scripts.node import ROOT


async def measure_in_process(flags: int, seconds: float) -> Mapping[str, InProcess]:
    """Return each SDK's figures, measured in one process of the environment that has them all."""
    await asyncio.to_thread(toolchain.prepare_python)
    process = await asyncio.create_subprocess_exec(
        *(str(toolchain.PYTHON), "-m", "scripts.bench.python_sdks", str(flags), str(seconds)),
        cwd=ROOT,
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
    return msgspec.json.decode(output, type=dict[str, InProcess])
