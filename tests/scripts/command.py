"""Run the command in this process, as a program without a terminal would."""

from pathlib import Path

from click.testing import CliRunner, Result

from flaghoist_cli.commands.root import cli
from tests.scripts.fake_origin import ADMIN_KEY

NOWHERE = "http://127.0.0.1:9"


def flaghoist(*arguments: str, origin: str = "", data_dir: Path | None = None, stdin: str = "") -> Result:
    """Run ``flaghoist`` with these arguments, against ``origin`` where given, without the caller's own settings."""
    variables = {
        "FLAGHOIST_ORIGIN": origin or None,
        "FLAGHOIST_KEY": ADMIN_KEY if origin else None,
        "FLAGHOIST_EDGE": None,
        "FLAGHOIST_ENVIRONMENT": None,
        "FLAGHOIST_DATA_DIR": str(data_dir or "does-not-exist"),
    }
    return CliRunner(env=variables).invoke(cli, list(arguments), input=stdin, prog_name="flaghoist")
