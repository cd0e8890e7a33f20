"""`flaghoist publish`: bring KV up to date now, without waiting for the publisher's interval."""

import click

from flaghoist_cli.client.origin_client import OriginClient, Published
from flaghoist_cli.client.target import TargetOptions, resolve
from flaghoist_cli.commands.options import dry_run_option, examples, json_option, target_options
from flaghoist_cli.terminal.output import counted, show


@click.command("publish", epilog=examples("flaghoist publish", "flaghoist publish --json"))
@dry_run_option
@json_option
@target_options
def publish(dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Write the committed flags to Workers KV now.

    The origin does this by itself within seconds of every change, and checks it at every heartbeat.
    """
    with OriginClient(resolve(wanted)) as client:
        if dry_run:
            version = client.snapshot().version
            preview = {"environment": client.target.environment, "version": version, "published": False}
            show(preview, [f"would publish version {version} of {client.target.environment}"], as_json=as_json)
            return
        published = client.publish()
    show_published(published, as_json=as_json)


def show_published(published: Published, *, as_json: bool) -> None:
    """Print the result of a publish."""
    wrote = f"{counted(published.values_written, 'value')}, {published.bytes:,} bytes"
    show(published, [f"published version {published.version} of {published.environment}: {wrote}"], as_json=as_json)
