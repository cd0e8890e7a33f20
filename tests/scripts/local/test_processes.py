"""Children, guards, ports and the data folder: nothing is left running, nothing is shared by accident."""

import io
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from flaghoist_cli.data.folder import claimed, kv_folder
from flaghoist_cli.local.child import Child
from flaghoist_cli.local.ports import claim
from flaghoist_cli.local.readiness import until_answers
from flaghoist_cli.local.supervision import succeed
from flaghoist_cli.terminal.failure import CommandFailed
from tests.project import ROOT

pytestmark = pytest.mark.anyio
PATIENCE_SECONDS = 20


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


async def test_child__output__is_forwarded_under_its_prefix() -> None:
    output = io.StringIO()
    child = Child(
        python("import sys; print('out'); print('err', file=sys.stderr)"), os.environ, prefix="x | ", output=output
    )
    async with child:
        assert await child.wait() == 0
    assert sorted(output.getvalue().splitlines()) == ["x | err", "x | out"]


async def test_child__stop__ends_what_it_started_too() -> None:
    output = io.StringIO()
    code = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    async with Child(python(code), os.environ, prefix="", output=output):
        while not output.getvalue().endswith("\n"):
            await anyio.sleep(0.02)
        grandchild = int(output.getvalue())
        assert is_running(grandchild)
    with anyio.fail_after(PATIENCE_SECONDS):
        while is_running(grandchild):
            await anyio.sleep(0.02)


async def test_child__output_is_closed_abruptly__does_not_matter() -> None:
    async with Child(
        python("import os; os.kill(os.getpid(), 9)"), os.environ, prefix="", output=io.StringIO()
    ) as child:
        assert await child.wait() == -signal.SIGKILL


async def test_succeed__bad_exit__raises_the_sentence() -> None:
    with pytest.raises(CommandFailed, match="could not be built"):
        await succeed(
            Child(python("raise SystemExit(3)"), os.environ, prefix="", output=io.StringIO()), "could not be built"
        )


async def test_until_answers__child_ends_first__says_so() -> None:
    async with Child(python("raise SystemExit(3)"), os.environ, prefix="", output=io.StringIO()) as child:
        with pytest.raises(CommandFailed, match=r"ended while starting \(exit status 3\)"):
            await until_answers("http://127.0.0.1:9/healthz", child)


def test_guarded__parent_killed__ends(tmp_path: Path) -> None:
    (tmp_path / "guarded_sleeper.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n")
    inner = [sys.executable, "-m", "flaghoist_cli.local.guarded", "guarded_sleeper"]
    parent = subprocess.Popen(
        python(f"import subprocess; subprocess.run({inner!r})"),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
    )
    assert parent.stdout is not None
    with parent.stdout:
        sleeper = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while is_running(sleeper) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not is_running(sleeper)


def test_claim__zero__is_a_free_port() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", claim(0, "--edge-port")))


def test_claim__busy_port__names_port_and_option() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandFailed, match=f"port {port} is in use.*--edge-port"):
            claim(port, "--edge-port")


def test_claimed__second_stack__is_refused_until_the_first_ends(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with claimed(folder):
        with pytest.raises(CommandFailed, match="--data-dir"), claimed(folder):
            pass
        assert folder.stat().st_mode & 0o777 == 0o700
    with claimed(folder):
        pass


def test_claimed__no_folder_can_be_made__says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandFailed, match="cannot be used"), claimed(tmp_path / "file" / "data"):
        pass


def test_kv_folder__other_database__has_a_kv_of_its_own(tmp_path: Path) -> None:
    folders = {kv_folder(tmp_path, url) for url in ("", "sqlite+aiosqlite:///a", "sqlite+aiosqlite:///b")}
    assert len(folders) == 3
