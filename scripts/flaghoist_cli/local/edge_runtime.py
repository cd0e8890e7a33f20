"""The local edge as a Python object: start it, get its address, inject faults, stop it.

It runs ``edge/serve.mjs``: current workerd with the bundle that wrangler would upload, and Cloudflare's KV REST API in
front of the same storage. Everything listens on 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TextIO

import httpx

from flaghoist_cli.build import node
from flaghoist_cli.build.bundle import build_bundle, default_outdir
from flaghoist_cli.build.pyodide_target import compatibility_date
from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.local.process_group import ProcessGroup
from flaghoist_cli.terminal.failure import CommandFailed

__all__ = ["EdgeSettings", "LocalEdge", "build_bundle"]

SERVE = "scripts/flaghoist_cli/local/edge/serve.mjs"
START_TIMEOUT_SECONDS = 90
CONTROL_TIMEOUT_SECONDS = 30
REMEMBERED_LINES = 40

RestFault = Literal["ok", "fail", "429", "stall", "lose"]
BindingFault = Literal["ok", "fail", "stall"]


@dataclass(frozen=True)
class EdgeSettings:
    """The options of a local edge.

    ``variables`` become text bindings; ``secret`` the binding FLAGHOIST_SECRET. ``extra`` are folders mounted into the
    Worker, each with its path there. ``cf`` overlays the location of visitors. Port 0 takes a free one.
    """

    bundle: Path = field(default_factory=default_outdir)
    port: int = 0
    kv_port: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)
    secret: str | None = None
    persist: Path | None = None
    cf: Mapping[str, Any] = field(default_factory=dict)
    extra: Sequence[tuple[Path, str]] = ()
    entry: str = "entry"
    account: str = "local-account"
    namespace: str = "local-flags"
    cache: Path = field(default_factory=lambda: checkout() / "build" / "interpreter")
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def arguments(self) -> list[str]:
        """Return the command line of serve.mjs."""
        pairs = {
            "bundle": str(self.bundle),
            "port": str(self.port),
            "kv-port": str(self.kv_port),
            "cf": json.dumps(dict(self.cf)),
            "entry": self.entry,
            "account": self.account,
            "namespace": self.namespace,
            "token": self.token,
            "cache": str(self.cache),
            "compatibility-date": str(compatibility_date(checkout() / "wrangler.toml")),
        }
        if self.persist is not None:
            pairs["persist"] = str(self.persist.resolve())
        repeated = [("var", f"{name}={value}") for name, value in self.variables.items()]
        repeated += [("extra", f"{folder}={prefix}") for folder, prefix in self.extra]
        return ["--follow-parent", *(f"--{name}={value}" for name, value in (*pairs.items(), *repeated))]


class LocalEdge:
    """A running local edge; an async context manager. ``output`` receives its log lines, each with ``prefix``."""

    def __init__(
        self, settings: EdgeSettings | None = None, *, output: TextIO | None = None, prefix: str = "edge | "
    ) -> None:
        self.settings = settings or EdgeSettings()
        self.url = ""
        self.kv_url = ""
        self._output = sys.stderr if output is None else output
        self._prefix = prefix
        self._group: ProcessGroup | None = None
        self._last_lines: deque[str] = deque(maxlen=REMEMBERED_LINES)

    @property
    def account(self) -> str:
        """The Cloudflare account id that the KV API answers to."""
        return self.settings.account

    @property
    def namespace(self) -> str:
        """The id of the KV namespace that the Worker reads."""
        return self.settings.namespace

    @property
    def token(self) -> str:
        """The bearer token of the KV API."""
        return self.settings.token

    @property
    def kv_base_url(self) -> str:
        """The ``base_url`` for the Cloudflare SDK."""
        return f"{self.kv_url}/client/v4"

    @property
    def pid(self) -> int | None:
        """The process id of its Node process, while it runs."""
        return self._group.pid if self._group else None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start it and return once it has answered a request; raise CommandFailed with its output if it fails."""
        secret = {"FLAGHOIST_SECRET": self.settings.secret} if self.settings.secret else {}
        self._group = await ProcessGroup.start(
            [str(node.node()), str(checkout() / SERVE), *self.settings.arguments()],
            node.environment(**secret),
            folder=Path.cwd(),
            report=self._print_line,
            has_answers=True,
        )
        try:
            await self._read_addresses(self._group)
        except BaseException:
            await self.stop()
            raise

    async def _read_addresses(self, group: ProcessGroup) -> None:
        try:
            async with asyncio.timeout(START_TIMEOUT_SECONDS):
                line = await group.read_line()
        except TimeoutError:
            raise CommandFailed(f"the local edge was not ready within {START_TIMEOUT_SECONDS} s") from None
        if not line:
            await group.log_end()
            raise CommandFailed("the local edge did not start:\n" + "\n".join(self._last_lines))
        addresses = json.loads(line)
        self.url, self.kv_url = addresses["edge"], addresses["kv"]

    def _print_line(self, line: str) -> None:
        self._last_lines.append(line)
        self._output.write(f"{self._prefix}{line}\n")
        self._output.flush()

    async def wait(self) -> int:
        """Wait until the process ends by itself; return its exit status."""
        if self._group is None:
            raise CommandFailed("the local edge is not running")
        return await self._group.wait()

    async def stop(self) -> None:
        """End it and everything that it started; does nothing when it is not running."""
        group, self._group = self._group, None
        if group is not None:
            # Node ends workerd by itself; whatever is left of the group is killed.
            await group.stop(asks_program_alone=True)

    async def _control(self, method: str, path: str, body: Mapping[str, str] | None = None) -> dict[str, Any]:
        async with httpx.AsyncClient(base_url=self.kv_url, timeout=CONTROL_TIMEOUT_SECONDS) as client:
            answer = await client.request(method, path, json=body)
        if answer.is_error:
            raise CommandFailed(f"{method} {path} of the local edge failed: {answer.text}")
        result: dict[str, Any] = answer.json()
        return result

    async def set_faults(self, *, rest: RestFault | None = None, binding: BindingFault | None = None) -> dict[str, Any]:
        """Change how KV behaves, over REST (for the origin) and in the Worker's binding; None leaves one as it is.

        "stall" never answers, "lose" accepts writes and stores nothing. Returns both states.
        """
        wanted: dict[str, str | None] = {"rest": rest, "binding": binding}
        given = {name: state for name, state in wanted.items() if state is not None}
        return await self._control("POST", "/faults", given)

    async def stats(self) -> dict[str, Any]:
        """Return ``values_written``, ``values_deleted``, ``reads`` (REST), ``binding_reads`` and last ``writes``."""
        return await self._control("GET", "/stats")
