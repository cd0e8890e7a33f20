"""A program with everything that it starts: in a process group of its own, so that it can be ended as a whole."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

STOP_TIMEOUT_SECONDS = 10.0
LINE_LIMIT_BYTES = 16 * 1024 * 1024


class ProcessGroup:
    """A started program; its log lines are handed on as they come. Make it with `ProcessGroup.start`."""

    def __init__(
        self, process: asyncio.subprocess.Process, log: asyncio.StreamReader, report: Callable[[str], None]
    ) -> None:
        self._process = process
        self._forwarding = asyncio.create_task(_forward(log, report))

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        folder: Path,
        report: Callable[[str], None],
        has_answers: bool = False,
    ) -> Self:
        """Start ``command`` in ``folder``; ``report`` receives each line of its log, without the line's end.

        The log is its standard output and standard error; with ``has_answers`` it is standard error alone, and
        `read_line` reads the other.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=dict(environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE if has_answers else asyncio.subprocess.STDOUT,
            limit=LINE_LIMIT_BYTES,
            start_new_session=True,
        )
        log = process.stderr if has_answers else process.stdout
        assert log is not None
        return cls(process, log, report)

    @property
    def pid(self) -> int:
        """The process id of the program, which is its group's id as well."""
        return self._process.pid

    async def read_line(self) -> bytes:
        """Return the next line of standard output; empty once it is closed."""
        assert self._process.stdout is not None
        return await self._process.stdout.readline()

    async def log_end(self) -> None:
        """Return once the whole log was handed on."""
        await self._forwarding

    async def wait(self) -> int:
        """Wait until the program ends by itself; return its exit status."""
        return await self._process.wait()

    async def stop(self, *, asks_program_alone: bool = False) -> None:
        """End the group: with SIGTERM, then with SIGKILL what is left once the program has ended or taken too long.

        With ``asks_program_alone`` SIGTERM goes to the program only, which ends what it has started by itself.
        """
        with suppress(ProcessLookupError):
            if asks_program_alone:
                self._process.send_signal(signal.SIGTERM)
            else:
                os.killpg(self.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), STOP_TIMEOUT_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()
        await self._forwarding


async def _forward(log: asyncio.StreamReader, report: Callable[[str], None]) -> None:
    async for line in log:
        report(line.decode(errors="replace").rstrip())
