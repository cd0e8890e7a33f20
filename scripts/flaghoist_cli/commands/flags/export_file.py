"""`flaghoist export`: write an environment's flags to a file that `flaghoist import` accepts."""

from pathlib import Path

import click
import msgspec

from flaghoist_cli.client.origin_client import OriginClient, RemoteSnapshot
from flaghoist_cli.client.target import TargetOptions, resolve
from flaghoist_cli.commands.options import confirm, dry_run_option, examples, json_option, target_options, yes_option
from flaghoist_cli.files.flag_files import STANDARD_STREAM, render_flag_set
from flaghoist_cli.terminal.failure import CommandFailed
from flaghoist_cli.terminal.output import counted, print_line, show


class Exported(msgspec.Struct, frozen=True):
    """The counts and the file; ``written`` is false after a dry run."""

    file: str
    written: bool
    version: str
    flags: int
    segments: int
    groups: int


@click.command(
    "export",
    epilog=examples(
        "flaghoist export > flags.json", "flaghoist export flags.json", "flaghoist export flags.json --yes --json"
    ),
)
@click.argument("path", metavar="[FILE]", default=STANDARD_STREAM)
@yes_option
@dry_run_option
@json_option
@target_options
def export_file(path: str, yes: bool, dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Write an environment to a flag file.

    Without FILE, the flags, segments and groups go to standard output. With FILE, --json prints a
    summary of what was written.
    """
    with OriginClient(resolve(wanted)) as client:
        snapshot = client.snapshot()
    if path == STANDARD_STREAM:
        print_line(render_flag_set(snapshot.flagset).rstrip())
        return
    if not dry_run:
        _write(Path(path), render_flag_set(snapshot.flagset), yes=yes)
    summary = _summary(path, snapshot, written=not dry_run)
    verb = "would write" if dry_run else "wrote"
    flags, segments = counted(summary.flags, "flag"), counted(summary.segments, "segment")
    counts = f"{flags}, {segments} and {counted(summary.groups, 'group')}"
    line = f"{verb} {counts} of version {summary.version} to {path}"
    show(summary, [line], as_json=as_json)


def _write(path: Path, text: str, *, yes: bool) -> None:
    if path.exists():
        confirm(f"Overwrite {path}?", yes=yes)
    try:
        path.write_text(text)
    except OSError as error:
        raise CommandFailed(
            f"{path} cannot be written ({error.strerror}): name a file in a folder that exists"
        ) from error


def _summary(path: str, snapshot: RemoteSnapshot, *, written: bool) -> Exported:
    flagset = snapshot.flagset
    return Exported(path, written, snapshot.version, len(flagset.flags), len(flagset.segments), len(flagset.groups))
