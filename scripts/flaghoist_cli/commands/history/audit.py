"""`flaghoist audit`: who changed what, newest first."""

from collections.abc import Iterable, Mapping

import click

from flaghoist_cli.client.origin_client import AuditInfo, OriginClient
from flaghoist_cli.client.target import TargetOptions, resolve
from flaghoist_cli.commands.options import examples, json_option, target_options
from flaghoist_cli.terminal.instants import instant
from flaghoist_cli.terminal.output import show, table

LIMIT = 20


@click.command(
    "audit",
    epilog=examples(
        "flaghoist audit",
        "flaghoist audit --target flags/new-checkout --json",
        "flaghoist audit --actor anna --since 2027-01-31T00:00:00Z",
    ),
)
@click.option("--target", help="What was changed: flags/checkout, or flags for all of them; also keys, environment.")
@click.option("--actor", help="Who changed it: the name or id of a key.")
@click.option("--action", help="What was done: created, updated, archived, rolled_back, revoked …")
@click.option("--since", help="Show entries from this time on (RFC 3339).")
@click.option("--until", help="Show entries before this time (RFC 3339).")
@click.option("--limit", type=click.IntRange(1, 100_000), default=LIMIT, show_default=True, help="How many entries.")
@json_option
@target_options
def audit(limit: int, as_json: bool, wanted: TargetOptions, **filters: str | None) -> None:
    """Show the audit log, newest first.

    With --json each entry includes the document before and after the change. Entries cannot be changed or removed: the
    database refuses it.
    """
    with OriginClient(resolve(wanted)) as client:
        found = client.audit(limit, **_given(filters))
    show(found, _lines(found), as_json=as_json)


def _given(filters: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in filters.items() if value}


def _lines(found: Iterable[AuditInfo]) -> list[str]:
    rows = [
        [instant(line.at_ms), f"{line.epoch}-{line.version}", line.actor_name, line.action, line.target, _remark(line)]
        for line in found
    ]
    return [line.rstrip() for line in table(("at", "version", "by", "action", "target", "comment"), rows)]


def _remark(line: AuditInfo) -> str:
    """Return the comment; without one, the entry's own summary."""
    if line.comment or line.target != "snapshot" or not isinstance(line.after, dict):
        return line.comment
    return ", ".join(f"{name} {value}" for name, value in line.after.items())
