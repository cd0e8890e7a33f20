"""The stock OFREP web provider in Node, subscribed to the stream that the edge names: what it saw, and when."""

import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flaghoist_cli.build.node import environment as node_environment
from flaghoist_cli.build.node import node
from tests.e2e.environments import Environment

DRIVER = Path(__file__).parent / "streamed_provider.mjs"
END_SECONDS = 20


class StreamedClient:
    """A running provider."""

    def __init__(self, process: subprocess.Popen[str], environment: Environment) -> None:
        self.environment = environment
        self._process = process
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.seen: list[int] = []
        threading.Thread(target=self._read, daemon=True).start()

    def sees(self, value: int, seconds: float) -> float:
        """Return when (seconds since the epoch) the client saw a value of the flag."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = json.loads(self._lines.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"{value} was not seen within {seconds} s, but {self.seen[-3:]}") from None
            self.seen.append(line["value"])
            if line["value"] == value:
                at_ms: float = line["atMs"]
                return at_ms / 1000

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)


@contextmanager
def streamed_client(environment: Environment, flag: str) -> Iterator[StreamedClient]:
    """Run a provider at the edge with the environment's client key; end it afterwards."""
    told = json.dumps({"baseUrl": environment.edge, "key": environment.keys.client, "flag": flag})
    command = [str(node()), "--no-warnings", "--experimental-eventsource", str(DRIVER), told]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=node_environment(), text=True
    ) as process:
        try:
            yield StreamedClient(process, environment)
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(END_SECONDS) == 0
        finally:
            process.kill()
