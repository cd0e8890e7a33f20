"""Examples as modules of their own, loaded from their files with the settings that they read from the environment."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from openfeature import api

from flaghoist_cli.build.node import environment, node
from tests.project import ROOT

SECONDS = 60
EXAMPLES = ROOT / "examples"


@contextmanager
def loaded(path: Path) -> Iterator[ModuleType]:
    """Import a file under a name of its own; shut its provider down afterwards."""
    name = f"example_{path.parent.name}"
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
        yield module
    finally:
        api.shutdown()
        api.clear_providers()
        del sys.modules[name]


def scripts_of(html: str) -> str:
    """Return the text of the page's inline scripts, one after the other."""
    return "\n".join(re.findall(r"<script(?: nonce=\"[^\"]*\")?>(.*?)</script>", html, re.DOTALL))


def run_in_page(scripts: str, expression: str) -> Any:
    """Run scripts as a page without a document does, and return what an expression gives afterwards."""
    program = f"{scripts}\nconsole.log(JSON.stringify({expression}));process.exit();"
    done = subprocess.run(
        [str(node()), "-e", program], capture_output=True, text=True, timeout=SECONDS, check=False, env=environment()
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
