"""`flaghoist rollback`: make the content of an earlier version current again, as a new version."""

import click
import msgspec

from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.target import TargetOptions, resolve
from flaghoist_cli.commands.differences import wants_writing
from flaghoist_cli.commands.options import (
    comment_option,
    dry_run_option,
    examples,
    json_option,
    target_options,
    yes_option,
)
from flaghoist_cli.files.differences import Difference, compare
from flaghoist_cli.terminal.output import print_json, print_line


class RolledBack(msgspec.Struct, frozen=True):
    """The changes of the rollback; ``version`` is the snapshot's after it."""

    to: str
    changes: tuple[Difference, ...]
    written: bool
    version: str


@click.command(
    "rollback",
    epilog=examples("flaghoist rollback --to 1-12 --dry-run", "flaghoist rollback --to 12 --yes --comment 'fire'"),
)
@click.option(
    "--to", "to", required=True, metavar="VERSION", help="Version, such as 1-12, or 12 for the present epoch."
)
@yes_option
@comment_option
@dry_run_option
@json_option
@target_options
def rollback(*, to: str, yes: bool, comment: str, dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Roll back to the flags, segments and groups of an earlier version.

    This creates a new version with the old content; nothing is lost, and a rollback can itself be rolled back.
    `flaghoist audit` lists the versions. If somebody else writes after the changes were shown, nothing is written.
    """
    with OriginClient(resolve(wanted), comment=comment) as client:
        before, after = client.snapshot(), client.version(to)
        changes = compare(before.flagset, after)
        question = f"Roll {client.target.environment} at {client.target.origin} back to {to}?"
        writes = wants_writing(changes, question, yes=yes, dry_run=dry_run, as_json=as_json)
        version = client.roll_back(to, before.etag) if writes else before.version
    if as_json:
        print_json(RolledBack(to, changes, writes, version))
    else:
        print_line(_result_line(to, bool(changes), writes, version))


def _result_line(to: str, is_change: bool, is_written: bool, version: str) -> str:
    if not is_change:
        return f"nothing to change: the environment (version {version}) has the content of {to} already"
    return f"rolled back to {to}, as version {version}" if is_written else "nothing was written (--dry-run)"
