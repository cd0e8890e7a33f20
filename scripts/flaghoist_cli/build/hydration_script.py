"""Write ``shared/flaghoist/hydration/script.py``: ``bootstrap.js`` and what it imports, bundled and minified.

A Worker consists of Python files alone, so the script that pages carry has to be one. Run it after a change of the
JavaScript: ``python -m flaghoist_cli.build.hydration_script``.
"""

import subprocess
import sys
from pathlib import Path

from flaghoist_cli.build.node import environment, node, script
from flaghoist_cli.installation.checkout import checkout
from flaghoist_cli.terminal.failure import CommandFailed

ROOT = checkout()
FOLDER = ROOT / "shared" / "hydration"
SOURCE = FOLDER / "bootstrap.js"
TARGET = ROOT / "shared" / "flaghoist" / "hydration" / "script.py"

_OPTIONS = (
    *("--bundle", "--format=iife", "--target=es2020", "--charset=ascii", "--log-level=error"),
    *("--minify", "--mangle-props=^_[a-z]", "--line-limit=110"),
)
_COMMAND = "python -m flaghoist_cli.build.hydration_script"
_HEADER = f'"""The script that pages carry, from ``bootstrap.js``; written by ``{_COMMAND}``."""\n'
_UNFIT = ("</script", "<!--", '"""')
"""What would end the script's HTML element, or its Python string."""


def minified() -> str:
    """Return the bundled script on lines of moderate length; raise CommandFailed when it cannot be made."""
    command = [str(node()), str(script("esbuild/bin/esbuild")), str(SOURCE), *_OPTIONS]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandFailed(f"esbuild cannot bundle {SOURCE.name}:\n{done.stderr}")
    for text in _UNFIT:
        if text in done.stdout:
            raise CommandFailed(
                f"the bundled script holds {text}, which would end it inside a page: write it otherwise"
            )
    return done.stdout.strip()


def rendered() -> str:
    """Return the module that holds the script."""
    return f'{_HEADER}\nSCRIPT = r"""{minified()}\n"""  # noqa: E501\n'


def main(target: Path = TARGET) -> int:
    """Write the module; the exit status is 1 when it cannot be made."""
    try:
        target.write_text(rendered())
    except CommandFailed as failure:
        sys.stderr.write(f"hydration script: {failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
