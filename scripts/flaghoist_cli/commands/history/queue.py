"""`flaghoist queue`: writes that the origin could not accept, saved in the data folder until it can."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from flaghoist_cli.client.delivery import QueueDelivery
from flaghoist_cli.client.origin_client import OriginClient
from flaghoist_cli.client.target import TargetOptions, resolve
from flaghoist_cli.client.write_queue import QueuedWrite, WriteQueue
from flaghoist_cli.commands.options import (
    confirm,
    data_dir_option,
    dry_run_option,
    examples,
    json_option,
    target_options,
    wait_option,
    yes_option,
)
from flaghoist_cli.terminal.failure import CommandFailed
from flaghoist_cli.terminal.output import counted, print_quiet_note, show, table


@click.group("queue")
def queue() -> None:
    """List, send and drop writes that the origin could not accept.

    If the origin answers an import with 503, or stops answering, the write is saved in the folder `queue` of the data
    folder. It names the state that it replaces, so it never overwrites somebody else's change.
    """


@queue.command("list", epilog=examples("flaghoist queue list", "flaghoist queue list --json"))
@json_option
@data_dir_option
def list_writes(as_json: bool, data_dir: Path) -> None:
    """List the waiting writes, oldest first."""
    found = WriteQueue(data_dir).writes()
    show([_described(write) for write in found], _lines(found), as_json=as_json)


@queue.command("send", epilog=examples("flaghoist queue send", "flaghoist queue send --wait 300"))
@wait_option
@dry_run_option
@json_option
@target_options
def send(wait_seconds: float, dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Send the waiting writes for this origin and environment."""
    waiting = WriteQueue(wanted.data_dir)
    with OriginClient(resolve(wanted)) as client:
        own = [write for write in waiting.writes() if write.is_for(client.target)]
        if dry_run:
            show([_described(write) for write in own], [f"would send {counted(len(own), 'write')}"], as_json=as_json)
            return
        versions = QueueDelivery(client, waiting, wait_seconds, report=print_quiet_note).send_queued()
    show({"versions": versions}, [f"sent {counted(len(versions), 'write')}"], as_json=as_json)


@queue.command("drop", epilog=examples("flaghoist queue drop 1795400000000-a1b2c3 --yes"))
@click.argument("write_id", metavar="ID")
@yes_option
@dry_run_option
@json_option
@data_dir_option
def drop(write_id: str, yes: bool, dry_run: bool, as_json: bool, data_dir: Path) -> None:
    """Delete the waiting write with this ID."""
    waiting = WriteQueue(data_dir)
    write = next((write for write in waiting.writes() if write.id == write_id), None)
    if write is None:
        raise CommandFailed(f"there is no write {write_id} in {waiting.folder}: `flaghoist queue list` lists them")
    if not dry_run:
        confirm(f"Delete the write of {_instant(write)} to {write.environment}?", yes=yes)
        waiting.remove_write(write)
    show(_described(write), [f"{'would delete' if dry_run else 'deleted'} {write_id}"], as_json=as_json)


def _described(write: QueuedWrite) -> dict[str, object]:
    return {"id": write.id, "made_at": _instant(write), "origin": write.origin, "environment": write.environment}


def _lines(writes: Sequence[QueuedWrite]) -> list[str]:
    if not writes:
        return ["nothing waits"]
    rows = [(write.id, _instant(write), write.environment, write.origin) for write in writes]
    return table(("id", "made at", "environment", "origin"), rows)


def _instant(write: QueuedWrite) -> str:
    return datetime.fromtimestamp(write.made_at_ms // 1000, UTC).isoformat().replace("+00:00", "Z")
