"""`flaghoist recover`: make the origin's state the newest again if KV is ahead of it."""

import click

from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.target import TargetOptions, resolve
from flaghoist_cli.commands.history.publish import show_published
from flaghoist_cli.commands.options import (
    comment_option,
    confirm,
    dry_run_option,
    examples,
    json_option,
    target_options,
    yes_option,
)
from flaghoist_cli.terminal.output import show


@click.command("recover", epilog=examples("flaghoist recover --dry-run", "flaghoist recover --yes"))
@yes_option
@comment_option
@dry_run_option
@json_option
@target_options
def recover(*, yes: bool, comment: str, dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Make the origin's state newer than the one in KV.

    Raises the environment's epoch and publishes. Use it after a database was restored from a backup or created anew:
    the origin then refuses to publish, because KV holds a newer version. Afterwards, the state in the database is
    served.
    """
    with OriginClient(resolve(wanted), comment=comment) as client:
        environment = client.target.environment
        if dry_run:
            version = client.snapshot().version
            preview = {"environment": environment, "version": version, "recovered": False}
            line = f"would make version {version} of {environment} the newest, under a new epoch"
            show(preview, [line], as_json=as_json)
            return
        confirm(f"Replace the state of {environment} in KV by that of the origin at {client.target.origin}?", yes=yes)
        recovered = client.recover()
    show_published(recovered, as_json=as_json)
