"""Write ``shared/flaghoist/hydration/script.py``: ``bootstrap.ts`` and its imports, bundled and minified.

A Worker consists of Python files alone, so the page script has to be one. Run it after a change of the JavaScript:
``python -m flaghoist_cli.build.hydration_script``.
"""

import subprocess
import sys
from pathlib import Path

import msgspec

from flaghoist_cli.build.node import environment, node, script
from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.terminal.failure import CommandFailed

ROOT = checkout()
PACKAGE = ROOT / "shared" / "web"
SOURCE = PACKAGE / "src" / "bootstrap.ts"
TARGET = ROOT / "shared" / "flaghoist" / "hydration" / "script.py"

_OPTIONS_FILE = PACKAGE / "bootstrap.options.json"
"""How esbuild makes the script: read here and by the npm package's build, so that both give the same bytes."""

_COMMAND = "python -m flaghoist_cli.build.hydration_script"
_HEADER = f'"""The script that pages carry, from ``bootstrap.ts``; written by ``{_COMMAND}``."""\n'
_UNFIT = ("</script", "<!--", '"""')
"""Texts that would end the script's HTML element, or its Python string."""


def minified() -> str:
    """Return the bundled script with lines of moderate length; raise CommandFailed if the build fails."""
    options = msgspec.json.decode(_OPTIONS_FILE.read_bytes(), type=list[str])
    command = [str(node()), str(script("esbuild/bin/esbuild")), str(SOURCE), *options]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandFailed(f"esbuild cannot bundle {SOURCE.name}:\n{done.stderr}")
    for text in _UNFIT:
        if text in done.stdout:
            raise CommandFailed(
                f"the bundled script holds {text}, which would end it inside a page: write it in another way"
            )
    return done.stdout.strip()


def rendered() -> str:
    """Return the module that holds the script."""
    return f'{_HEADER}\nSCRIPT = r"""{minified()}\n"""  # noqa: E501\n'


def main(target: Path = TARGET) -> int:
    """Write the module; the exit status is 1 if that fails."""
    try:
        target.write_text(rendered())
    except CommandFailed as failure:
        sys.stderr.write(f"hydration script: {failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
