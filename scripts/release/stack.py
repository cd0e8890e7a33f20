"""The released packages at work together: an origin, the command and the SDK, each from its own wheel."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from release.environments import CleanEnvironment
from release.failure import ReleaseFailed
from release.programs import clean_environment
from release.projects import CLI, SDK
from release.readme import commands, filled, first_block

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 20.0
FLAGS = {
    "flags": [
        {
            "key": "new-checkout",
            "on": True,
            "variations": {"on": True, "off": False},
            "off_variation": "off",
            "rules": [],
            "fallthrough": {"variation": "on"},
        }
    ]
}


@contextmanager
def running_origin(environment: CleanEnvironment, folder: Path) -> Iterator[str]:
    """Run the installed origin on a free port, with its data in ``folder``; yield its address."""
    port = free_port()
    settings = {
        "FLAGHOIST_HOST": HOST,
        "FLAGHOIST_PORT": str(port),
        "FLAGHOIST_DATA_DIR": str(folder),
        "FLAGHOIST_SECRET": "of this release check alone",
        "FLAGHOIST_LOG_LEVEL": "warning",
    }
    command = environment.programs / "flaghoist-origin"
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [command], cwd=folder, env={**clean_environment(), **settings}, stdout=log, stderr=log
        ) as process,
    ):
        try:
            wait_until_ready(process, f"http://{HOST}:{port}", folder / "log")
            yield f"http://{HOST}:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def wait_until_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """Return once the origin answers; raise ReleaseFailed with its log if it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(f"{url}/readyz", timeout=1):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise ReleaseFailed(f"flaghoist-origin did not start:\n{log.read_text('utf-8', errors='replace')}")


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def check_together(sdk: CleanEnvironment, origin: CleanEnvironment, cli: CleanEnvironment, data: Path) -> str:
    """Run the origin with its data in ``data``, make keys and a flag with the command, then do what READMEs show.

    ``cli`` must have the extra ``origin``, with which the first key is written straight into the database.
    """
    data.mkdir()
    with running_origin(origin, data) as url:
        admin = new_key(cli, "admin", "first", "--database-url", f"sqlite+aiosqlite:///{data}/origin.sqlite3")
        owner = {"FLAGHOIST_ORIGIN": url, "FLAGHOIST_KEY": admin}
        server = new_key(cli, "server", "release", variables=owner)
        (data / "flags.json").write_text(json.dumps(FLAGS), "utf-8")
        cli.run("flaghoist", "import", data / "flags.json", "--yes", variables=owner)
        shown = "\n".join(commands(CLI))
        cli.run("bash", "-ec", filled(shown, {"https://flags.example.com": url, "fh_admin_…": admin}))
        program = filled(first_block(SDK.readme, "python"), {"http://127.0.0.1:8000": url, "fh_server_…": server})
        printed = sdk.run("python", "-c", program).strip()
    if printed != "True":
        raise ReleaseFailed(f"shared/README.md: its example prints {printed!r} for a flag that is on")
    return "origin, command and SDK work together; the READMEs' first blocks do what they say"


def new_key(
    cli: CleanEnvironment, kind: str, name: str, *options: str, variables: Mapping[str, str] | None = None
) -> str:
    """Create a key and return its text."""
    made = cli.run("flaghoist", "keys", "create", kind, "--name", name, "--json", *options, variables=variables)
    text = json.loads(made)["key"]
    assert isinstance(text, str)
    return text
