"""Check the requirements of the local stack: its ports and its data folder."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from flaghoist_cli.client.target import Running
from flaghoist_cli.diagnosis.finding import Finding
from flaghoist_cli.local.ports import is_free

PORTS = {"origin": 8000, "edge": 8787}
PRIVATE_MODE = 0o700


def check_machine(data_dir: Path, running: Running | None) -> Iterator[Finding]:
    """Yield findings on the default ports and on the data folder."""
    for name, port in PORTS.items():
        yield check_port(name, port, running)
    yield _data_dir(data_dir)


def check_port(name: str, port: int, running: Running | None) -> Finding:
    """Return whether the part called ``name`` could listen on its port, or already does."""
    check = f"port {port}"
    if running and f":{port}" in (running.origin, running.edge)[name == "edge"]:
        return Finding(check, "ok", f"taken by the {name} of the running stack")
    if is_free(port):
        return Finding(check, "ok", f"free for the {name}")
    return Finding(check, "warn", "another program uses it", f"start with `flaghoist dev --{name}-port 0`")


def _data_dir(folder: Path) -> Finding:
    if not folder.exists():
        return Finding("data folder", "ok", f"{folder} does not exist yet; `flaghoist dev` creates it")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding(
            "data folder", "fail", f"{folder} is not writable", f"`chmod u+rwx {folder}`, or give another --data-dir"
        )
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & ~PRIVATE_MODE:
        return Finding("data folder", "warn", f"{folder} holds keys and has mode {mode:o}", f"`chmod 700 {folder}`")
    return Finding("data folder", "ok", f"{folder} is writable, and private to you")
