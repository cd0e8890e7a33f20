"""Stacks for tests: the one that `flaghoist dev` runs, and private ones whose parts can be killed and started again."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from flaghoist_cli.build.bundle import build_bundle
from flaghoist_cli.data.keys import issue_in_database
from flaghoist_cli.data.settings import ACCOUNT, NAMESPACE, kv_token, local_settings, stack_secret, variables_of
from flaghoist_cli.local.child import Child
from flaghoist_cli.local.edge_runtime import EdgeSettings, LocalEdge
from flaghoist_cli.local.ports import HOST
from tests.e2e.environments import Environment, Keys, wait_until
from tests.e2e.kv import Kv
from tests.servers.process import free_port

START_SECONDS = 60


@dataclass(frozen=True)
class Stack:
    """A stack that answers: its addresses, its KV, its log, and environments made on demand."""

    origin: str
    edge: str
    database_url: str
    kv: Kv
    log: Path
    http: httpx.Client

    def environment(self, name: str) -> Environment:
        """Make an environment and its keys in the database; return it once the origin knows them."""
        made = Environment(name, self.origin, self.edge, self._issue(name), self.http)
        wait_until(lambda: made.api("GET", "/snapshot").is_success, START_SECONDS)
        return made

    def _issue(self, environment: str) -> Keys:
        async def issue_all() -> Keys:
            issued = [
                await issue_in_database(self.database_url, environment, kind, "tests")
                for kind in ("admin", "client", "server")
            ]
            return Keys(*(key.text for key in issued))

        return asyncio.run(issue_all())


class PrivateStack:
    """A local edge and an origin of one test. Nothing runs until it is started; make it with `private_stack`."""

    def __init__(self, folder: Path, portal: BlockingPortal, log: TextIO, http: httpx.Client) -> None:
        self.origin = f"http://{HOST}:{free_port()}"
        self._folder, self._portal, self._http, self._log = folder, portal, http, log
        settings = EdgeSettings(
            variables={"ENVIRONMENTS": "*", "ORIGINS": self.origin},
            secret=stack_secret(folder),
            persist=folder / "kv",
            account=ACCOUNT,
            namespace=NAMESPACE,
            token=kv_token(folder),
        )
        self._edge = LocalEdge(settings, output=log)
        self._origin: Child | None = None

    def start_edge(self) -> None:
        """Start the edge, and KV with it."""
        self._portal.call(self._edge.start)

    def start_origin(self, *, wait_for: str = "/readyz", **variables: str) -> None:
        """Start the origin, with these variables besides those of the stack; return once ``wait_for`` answers."""
        wiring = local_settings(self._folder, origin_url=self.origin, kv_url=self._edge.kv_url)
        command = [sys.executable, "-m", "flaghoist_cli.local.guarded", "flaghoist_origin"]
        environ = {**os.environ, **variables_of(wiring), **variables}
        self._origin = Child(command, environ, prefix="origin | ", output=self._log)
        self._portal.call(self._origin.start)
        wait_until(lambda: self._http.get(f"{self.origin}{wait_for}").is_success, START_SECONDS)

    def kill_origin(self) -> None:
        """End the origin as a crash does, with SIGKILL; it has no chance to finish anything."""
        assert self._origin is not None
        assert self._origin.pid is not None
        os.killpg(self._origin.pid, signal.SIGKILL)
        self._portal.call(self._origin.wait)
        self._portal.call(self._origin.stop)
        self._origin = None

    def stop_origin(self) -> None:
        """End the origin as an operator does."""
        assert self._origin is not None
        self._portal.call(self._origin.stop)
        self._origin = None

    def stop(self) -> None:
        """End whatever runs."""
        if self._origin is not None:
            self._portal.call(self._origin.stop)
        self._portal.call(self._edge.stop)

    @property
    def edge(self) -> str:
        """The base URL of the edge."""
        return self._edge.url

    @property
    def kv(self) -> Kv:
        """The KV of this stack."""
        return Kv(self._edge.kv_url, self._edge.token, self._http)

    def started(self) -> Stack:
        """Return the stack as tests use it."""
        wiring = local_settings(self._folder, origin_url=self.origin, kv_url=self._edge.kv_url)
        return Stack(self.origin, self.edge, wiring.url, self.kv, Path(self._log.name), self._http)


@contextmanager
def private_stack(folder: Path, http: httpx.Client) -> Iterator[PrivateStack]:
    """Yield a private stack with its data in ``folder``; end it afterwards. Its log is in ``folder``, too."""
    build_bundle()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.txt").open("w") as log, start_blocking_portal("asyncio") as portal:
        made = PrivateStack(folder, portal, log, http)
        try:
            yield made
        finally:
            made.stop()


def announced(said: Mapping[str, str], data_dir: Path, log: Path, http: httpx.Client) -> Stack:
    """Return the stack that the last line of `flaghoist dev` names."""
    wiring = local_settings(data_dir, origin_url=said["origin"], kv_url=said["kv"])
    return Stack(said["origin"], said["edge"], wiring.url, Kv(said["kv"], kv_token(data_dir), http), log, http)
