"""`flaghoist environments`: list, create, copy and remove environments."""

from collections.abc import Iterable

import click
import msgspec

from flaghoist_cli.client.origin_client import EnvironmentInfo, NewEnvironmentInfo, OriginClient
from flaghoist_cli.client.target import TargetOptions, resolve
from flaghoist_cli.commands.options import (
    comment_option,
    confirm,
    dry_run_option,
    examples,
    json_option,
    target_options,
    yes_option,
)
from flaghoist_cli.terminal.instants import instant
from flaghoist_cli.terminal.output import counted, show, table

SALTS = ("keep", "new")
ALIGNED_RIGHT = frozenset({3, 4, 5})


@click.group("environments")
def environments() -> None:
    """List, create, copy and remove environments.

    Each has its own flags, keys, audit log and version. An owner key of any environment can create new ones; copying or
    removing an environment needs its own owner key.
    """


@environments.command("list", epilog=examples("flaghoist environments list", "flaghoist environments list --json"))
@json_option
@target_options
def list_environments(as_json: bool, wanted: TargetOptions) -> None:
    """List the environments that the key may see: all for an owner key, otherwise its own."""
    with OriginClient(resolve(wanted)) as client:
        found = client.environments()
    show(found, _lines(found), as_json=as_json)


@environments.command("create", epilog=examples("flaghoist environments create staging"))
@click.argument("name")
@comment_option
@dry_run_option
@json_option
@target_options
def create_environment(*, name: str, comment: str, dry_run: bool, as_json: bool, wanted: TargetOptions) -> None:
    """Create an empty environment and print its first key. The key is shown only once."""
    if dry_run:
        show({"name": name, "created": False}, [f"would create the environment {name}"], as_json=as_json)
        return
    with OriginClient(resolve(wanted), comment=comment) as client:
        made = client.create_environment(name)
    show(made, _new_lines(made), as_json=as_json)


@environments.command(
    "copy",
    epilog=examples(
        "flaghoist environments copy production staging",
        "flaghoist environments copy production experiments --salts new",
    ),
)
@click.argument("source")
@click.argument("name")
@click.option(
    "--salts",
    type=click.Choice(SALTS),
    default="keep",
    show_default=True,
    help="keep: users get the same variations as in SOURCE; new: every rollout is drawn again.",
)
@comment_option
@dry_run_option
@json_option
@target_options
def copy_environment(
    *, source: str, name: str, salts: str, comment: str, dry_run: bool, as_json: bool, wanted: TargetOptions
) -> None:
    """Create an environment NAME with the flags, segments and groups of SOURCE; keys are not copied."""
    if dry_run:
        preview = {"name": name, "copy_from": source, "salts": salts, "created": False}
        show(preview, [f"would create the environment {name} as a copy of {source}, salts: {salts}"], as_json=as_json)
        return
    with OriginClient(resolve(_of(wanted, source)), comment=comment) as client:
        made = client.create_environment(name, copy_from=source, salts=salts)
    show(made, _new_lines(made), as_json=as_json)


@environments.command(
    "remove",
    epilog=examples(
        "flaghoist environments remove staging --key fh_admin_staging_…", "flaghoist environments remove staging --yes"
    ),
)
@click.argument("name")
@yes_option
@comment_option
@dry_run_option
@json_option
@target_options
def remove_environment(
    *, name: str, yes: bool, comment: str, dry_run: bool, as_json: bool, wanted: TargetOptions
) -> None:
    """Remove an environment: its keys become invalid, and KV deletes its data.

    Its audit log stays in the database. The name can be used again; its versions then continue in the next epoch, so
    that no edge serves an old snapshot.
    """
    with OriginClient(resolve(_of(wanted, name)), comment=comment) as client:
        found = client.environment()
        if dry_run:
            preview = f"would remove {name} with its {counted(found.flags, 'flag')} and all of its keys"
            show(found, [preview], as_json=as_json)
            return
        confirm(f"Remove {name} with its {counted(found.flags, 'flag')}? All of its keys become invalid.", yes=yes)
        removed = client.remove_environment()
    show(removed, [f"removed {name} with its {counted(removed.flags, 'flag')}"], as_json=as_json)


def _of(wanted: TargetOptions, environment: str) -> TargetOptions:
    return msgspec.structs.replace(wanted, environment=environment)


def _lines(found: Iterable[EnvironmentInfo]) -> list[str]:
    rows = [
        [one.name, f"{one.epoch}-{one.version}", instant(one.committed_at_ms), *map(str, _counts(one))] for one in found
    ]
    return table(("name", "version", "committed", "flags", "segments", "groups"), rows, ALIGNED_RIGHT)


def _counts(one: EnvironmentInfo) -> tuple[int, int, int]:
    return one.flags, one.segments, one.groups


def _new_lines(made: NewEnvironmentInfo) -> list[str]:
    name = made.environment.name
    return [
        made.key.key,
        f"created {name} with {counted(made.environment.flags, 'flag')}; its owner key is above; it is shown only once",
        f"edges serve it when their ENVIRONMENTS variable contains {name}",
    ]
