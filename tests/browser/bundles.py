"""Bundle pages' scripts as their authors would: from the packages in node_modules, for a browser or for a server."""

import functools
import json
import subprocess
from pathlib import Path
from typing import Any, Literal

from flaghoist.hydration import SCRIPT
from flaghoist_cli.build.node import environment as node_environment
from flaghoist_cli.build.node import node, script
from tests.web.packing import PACKAGE

PAGES = Path(__file__).parent / "pages"
SECONDS = 60

_OPTIONS = (
    *("--bundle", "--format=iife", "--log-level=error", "--jsx=automatic"),
    '--define:process.env.NODE_ENV="development"',
    *(f"--alias:flaghoist/server={PACKAGE}/src/server.ts", f"--alias:flaghoist={PACKAGE}/src/index.ts"),
    f"--define:PAGE_SCRIPT={json.dumps(SCRIPT)}",
)


@functools.cache
def bundle(name: str, platform: Literal["browser", "node"] = "browser") -> bytes:
    """Return a script of ``tests/browser/pages`` with all that it imports; React complains of mismatches in it."""
    command = [str(node()), str(script("esbuild/bin/esbuild")), str(PAGES / name), *_OPTIONS, f"--platform={platform}"]
    done = subprocess.run(command, env=node_environment(), capture_output=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def run_on_server(name: str, told: dict[str, Any]) -> str:
    """Run a bundled script in Node, which finds a document in ``globalThis.told``; return what it prints."""
    program = f"globalThis.told = {json.dumps(told)};\n{bundle(name, 'node').decode()}"
    done = subprocess.run(
        [str(node()), "--no-warnings", "-"],
        input=program.encode(),
        env=node_environment(),
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
