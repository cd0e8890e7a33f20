"""Options that many commands share, declared once so that they look and behave alike everywhere."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from flaghoist_cli.client.target import DATA_DIR, TargetOptions
from flaghoist_cli.terminal.failure import CommandFailed

Decorated = Callable[..., Any]

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask before writing.")
comment_option = click.option("--comment", default="", help="Reason for the change, for the audit log.")
wait_option = click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(min=0),
    default=20.0,
    show_default=True,
    help="Seconds to retry while the origin cannot write.",
)
data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=DATA_DIR,
    show_default=True,
    envvar="FLAGHOIST_DATA_DIR",
    help="Folder of the local stack.",
)
database_option = click.option(
    "--database-url",
    "database",
    default="",
    envvar="FLAGHOIST_DATABASE_URL",
    help="SQLAlchemy URL of the database; default: the SQLite file in the data folder.  [env: FLAGHOIST_DATABASE_URL]",
)
edge_option = click.option(
    "--edge", default="", envvar="FLAGHOIST_EDGE", help="Base URL of the edge.  [env: FLAGHOIST_EDGE]"
)


def target_options(command: Decorated) -> Decorated:
    """Add options for origin, environment and key; the command gets them as one `TargetOptions` named ``wanted``."""

    @click.option(
        "--origin",
        "--url",
        "origin",
        default="",
        envvar="FLAGHOIST_ORIGIN",
        help="Base URL of the origin.  [env: FLAGHOIST_ORIGIN]",
    )
    @click.option(
        "--environment",
        default="",
        envvar="FLAGHOIST_ENVIRONMENT",
        help="Environment; default: production.",
    )
    @click.option("--key", "access_key", default="", envvar="FLAGHOIST_KEY", help="Key to use.  [env: FLAGHOIST_KEY]")
    @data_dir_option
    @wraps(command)
    def wrapped(origin: str, environment: str, access_key: str, data_dir: Path, **rest: Any) -> Any:
        edge = str(rest.pop("edge", ""))
        return command(wanted=TargetOptions(origin, environment, access_key, edge, data_dir), **rest)

    return wrapped


def examples(*lines: str) -> str:
    """Return lines as the epilog of a command's help, kept as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  $ {line}" for line in lines)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before a write, unless --yes is given; if nobody can answer, fail with the remedy."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandFailed(
            "cannot ask for confirmation without a terminal: give --yes, or --dry-run to see the changes only"
        )
    click.confirm(question, abort=True)
