"""A child process whose output is forwarded line by line under a prefix."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self, TextIO

from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.local.process_group import ProcessGroup

POLL_SECONDS = 0.1


class Child:
    """A supervised program, which can be started again; an async context manager that starts and ends it."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], *, prefix: str, output: TextIO | None = None
    ) -> None:
        self._command, self._environ, self._prefix = command, environ, prefix
        self._output = sys.stderr if output is None else output
        self._group: ProcessGroup | None = None

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
        return self._group.pid if self._group else None

    async def start(self) -> None:
        """Start it in the checkout."""
        self._group = await ProcessGroup.start(self._command, self._environ, folder=checkout(), report=self._print_line)

    async def wait(self) -> int:
        """Wait until it ends by itself; return its exit status."""
        while self._group is None:
            await asyncio.sleep(POLL_SECONDS)
        return await self._group.wait()

    async def stop(self) -> None:
        """End it and everything that it started; does nothing when it is not running."""
        group, self._group = self._group, None
        if group is not None:
            await group.stop()

    def _print_line(self, line: str) -> None:
        self._output.write(f"{self._prefix}{line}\n")
        self._output.flush()
