"""`flaghoist import`: write the flags of a file to an environment, after showing the changes."""

import click
import msgspec

from flaghoist_cli.client.delivery import QueueDelivery
from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.target import TargetOptions, resolve
from flaghoist_cli.client.write_queue import WriteQueue
from flaghoist_cli.commands.differences import wants_writing
from flaghoist_cli.commands.options import (
    comment_option,
    dry_run_option,
    examples,
    json_option,
    target_options,
    wait_option,
    yes_option,
)
from flaghoist_cli.files.differences import Difference, compare
from flaghoist_cli.files.flag_files import merged, read_flag_set
from flaghoist_cli.terminal.output import print_json, print_line, print_quiet_note


class Imported(msgspec.Struct, frozen=True):
    """The changes of the import; ``version`` is the snapshot's after it."""

    changes: tuple[Difference, ...]
    written: bool
    version: str


@click.command(
    "import",
    epilog=examples(
        "flaghoist import flags.json",
        "flaghoist import more.json --merge --yes",
        "flaghoist import flags.json --dry-run --json",
    ),
)
@click.argument("path", metavar="FILE")
@click.option("--merge", is_flag=True, help="Only add or replace flags of the file; remove nothing.")
@wait_option
@yes_option
@comment_option
@dry_run_option
@json_option
@target_options
def import_file(
    *,
    path: str,
    merge: bool,
    wait_seconds: float,
    yes: bool,
    comment: str,
    dry_run: bool,
    as_json: bool,
    wanted: TargetOptions,
) -> None:
    """Write a flag file to an environment.

    FILE holds flags, segments and groups; - reads standard input. Flags that are not in the file are removed, unless
    --merge is given. If somebody else writes after the changes were shown, nothing is written. If the origin cannot
    accept the write for now, it is saved in the data folder; the next import or `flaghoist queue send` sends it.
    """
    loaded = read_flag_set(path)
    with OriginClient(resolve(wanted), comment=comment) as client:
        delivery = QueueDelivery(client, WriteQueue(wanted.data_dir), wait_seconds, report=print_quiet_note)
        if not dry_run:
            delivery.send_queued()
        before = client.snapshot()
        after = merged(before.flagset, loaded) if merge else loaded
        changes = compare(before.flagset, after)
        question = f"Write this to {client.target.environment} at {client.target.origin}?"
        writes = wants_writing(changes, question, yes=yes, dry_run=dry_run, as_json=as_json)
        version = delivery.send_write(after, before.etag) if writes else before.version
    if as_json:
        print_json(Imported(changes, writes, version))
    else:
        print_line(_result_line(bool(changes), writes, version))


def _result_line(is_change: bool, is_written: bool, version: str) -> str:
    if not is_change:
        return f"nothing to change: the environment (version {version}) is already in this state"
    return f"written as version {version}" if is_written else "nothing was written (--dry-run)"
