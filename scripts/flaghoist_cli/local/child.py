"""A child process: output is forwarded line by line under a prefix; it is ended together with its descendants."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from flaghoist_cli.build.checkout import ROOT

STOP_TIMEOUT_SECONDS = 10.0
LINE_LIMIT_BYTES = 1024 * 1024


class Child:
    """A supervised program; an async context manager that starts and ends it."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], *, prefix: str, output: TextIO | None = None
    ) -> None:
        self._command, self._environ, self._prefix = command, environ, prefix
        self._output = sys.stderr if output is None else output
        self._process: asyncio.subprocess.Process | None = None
        self._forwarding: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int | None:
        """Its process id, None while it is not running."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start it, in a process group of its own."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=ROOT,
            env=dict(self._environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LINE_LIMIT_BYTES,
            start_new_session=True,
        )
        self._forwarding = asyncio.create_task(self._forward(self._process))

    async def wait(self) -> int:
        """Wait until it ends by itself; return its exit status."""
        while self._process is None:
            await asyncio.sleep(0.1)
        return await self._process.wait()

    async def stop(self) -> None:
        """End it and its group; does nothing when it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        self._signal(process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_SECONDS)
        # Processes of its group that are still alive ignored the signal or outlived their parent.
        self._signal(process.pid, signal.SIGKILL)
        await process.wait()
        if self._forwarding:
            await self._forwarding

    @staticmethod
    def _signal(group: int, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(group, number)

    async def _forward(self, process: asyncio.subprocess.Process) -> None:
        stream = process.stdout
        while stream and (line := await stream.readline()):
            self._output.write(f"{self._prefix}{line.decode(errors='replace').rstrip()}\n")
            self._output.flush()
